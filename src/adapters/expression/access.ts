import { isMap, isOptional, optionalOf } from './values.ts'
import { failure, type Run } from './work.ts'

/** `.name` and `[key]`: fails when there is nothing; what is read from an optional value is optional again. */
export function member(run: Run, holder: unknown, key: unknown): unknown {
  if (isOptional(holder)) return optionalMember(run, holder, key)
  const found = find(run, holder, key)
  if (found === undefined) throw failure(run, missing(holder, key))
  return found
}

/** `.?name` and `[?key]`: an optional value, empty where there is nothing. */
export function optionalMember(run: Run, holder: unknown, key: unknown): unknown {
  const value = isOptional(holder) ? holder.value : holder
  return optionalOf(value === undefined || value === null ? undefined : find(run, value, key))
}

/** `has(holder.name)`. */
export function hasMember(run: Run, holder: unknown, key: string): boolean {
  const value = isOptional(holder) ? holder.value : holder
  return value !== undefined && find(run, value, key) !== undefined
}

function find(run: Run, holder: unknown, key: unknown): unknown {
  if (Array.isArray(holder)) {
    if (typeof key !== 'bigint' && !(typeof key === 'number' && Number.isInteger(key)))
      throw failure(run, 'the index of a list must be a whole number')
    return holder[Number(key)]
  }
  if (!isMap(holder)) throw failure(run, 'only maps and lists have members')
  if (typeof key !== 'string') throw failure(run, 'the key of a map must be a text')
  return Object.hasOwn(holder, key) ? holder[key] : undefined
}

const missing = (holder: unknown, key: unknown): string =>
  Array.isArray(holder) || typeof key !== 'string' ? 'the index is outside the list' : 'there is no such key'
