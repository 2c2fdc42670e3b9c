import { isMap, keysOf } from './values.ts'
import { charge, ExpressionFailure, failure, type Run, type Step } from './work.ts'

/** A macro over the items of a list or the keys of a map; each item stands in a slot while `body` runs on it. */
export type Macro = (run: Run, items: readonly unknown[], slot: number, bodies: readonly Step[]) => unknown

/** What a macro goes over. */
export function itemsOf(run: Run, range: unknown): readonly unknown[] {
  if (Array.isArray(range)) return range
  if (isMap(range)) return keysOf(run, range)
  throw failure(run, 'a macro needs a list or a map')
}

function truth(run: Run, value: unknown): boolean {
  if (typeof value !== 'boolean') throw failure(run, 'a condition must be true or false')
  return value
}

/** Goes on past items whose condition fails, as CEL wants it: one deciding item is enough, whatever the others are. */
const quantifier =
  (deciding: boolean): Macro =>
  (run, items, slot, [condition = () => !deciding]) => {
    let firstFailure: ExpressionFailure | undefined
    for (const item of items) {
      charge(run, 1)
      run.slots[slot] = item
      try {
        if (truth(run, condition(run)) === deciding) return deciding
      } catch (error) {
        if (!(error instanceof ExpressionFailure)) throw error
        firstFailure ??= error
      }
    }
    if (firstFailure !== undefined) throw firstFailure
    return !deciding
  }

const existsOne: Macro = (run, items, slot, [condition = () => false]) => {
  let found = 0
  for (const item of items) {
    charge(run, 1)
    run.slots[slot] = item
    if (truth(run, condition(run))) found++
  }
  return found === 1
}

const filter: Macro = (run, items, slot, [condition = () => false]) => {
  const kept: unknown[] = []
  for (const item of items) {
    charge(run, 1)
    run.slots[slot] = item
    if (truth(run, condition(run))) kept.push(item)
  }
  return kept
}

const map: Macro = (run, items, slot, [first = () => null, second]) => {
  const made: unknown[] = []
  for (const item of items) {
    charge(run, 1)
    run.slots[slot] = item
    if (second === undefined) made.push(first(run))
    else if (truth(run, first(run))) made.push(second(run))
  }
  return made
}

/** The macros by name, without has(), which is about a field and not about items. */
export const macros: ReadonlyMap<string, Macro> = new Map<string, Macro>([
  ['all', quantifier(false)],
  ['exists', quantifier(true)],
  ['exists_one', existsOne],
  ['filter', filter],
  ['map', map],
])
