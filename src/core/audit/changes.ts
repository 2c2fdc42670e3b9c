import { createHash } from 'node:crypto'
import type { Row } from '#ports/records.ts'
import { isSame } from '../runtime/input.ts'
import type { Field, Module } from '../schema/module.ts'

const longest = 2_000

/** What an entry tells of a field: its values, or of a secret only that it changed. */
type Change = { readonly before?: unknown; readonly after?: unknown } | { readonly is_changed: true }

const isSecret = (field: Field): boolean => field.type.name === 'secret' || field.isWriteOnly

/** Values that are long stand as their digest: an entry stays small, and whoever has the value can still prove it. */
function told(value: unknown): unknown {
  const text = typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : ''
  if (text.length <= longest) return value
  return { sha256: createHash('sha256').update(text).digest('hex'), characters: text.length }
}

const isEmpty = (value: unknown): boolean => value === null || value === undefined || value === ''

/**
 * The fields in which a record differs before and after, as the JSON of an entry: internal fields are left out, and of secrets and
 * of what is accepted only on write (`given`) it says no more than that they changed.
 */
export function changesBetween(
  module: Module,
  before: Row | undefined,
  after: Row | undefined,
  given: Readonly<Record<string, unknown>>,
): string {
  const changes: Record<string, Change> = {}
  for (const field of module.fields.values()) {
    if (field.isInternal || field.name === 'updated_at' || field.name === 'id') continue
    const { name } = field
    if (isSecret(field)) {
      const isChanged = field.isWriteOnly
        ? !isEmpty(given[name])
        : !isSame(before?.[name] ?? null, after?.[name] ?? null)
      if (isChanged) changes[name] = { is_changed: true }
      continue
    }
    const was = before?.[name] ?? null
    const is = after?.[name] ?? null
    if (isSame(was, is)) continue
    changes[name] = {
      ...(before === undefined ? {} : { before: told(was) }),
      ...(after === undefined ? {} : { after: told(is) }),
    }
  }
  return JSON.stringify(changes)
}
