import { reasonAgainst } from './build-field.ts'
import type { ConditionDocument } from './document.ts'
import type { Condition, Field } from './module.ts'
import type { Path, Source } from './source.ts'
import { hint } from './suggest.ts'

/** The states in which an action is offered (`offered_when`); a field that pages cannot see or a value that it never has is reported. */
export function buildConditions(
  source: Source,
  path: Path,
  written: Readonly<Record<string, ConditionDocument>>,
  fields: ReadonlyMap<string, Field>,
): readonly Condition[] {
  return Object.entries(written).map(([name, condition]) => {
    const isNegated = typeof condition === 'object' && condition !== null && 'not' in condition
    const said = isNegated ? condition.not : condition
    const values: readonly unknown[] = Array.isArray(said) ? said : [said]
    const field = fields.get(name)
    const place = [...path, name]
    if (field === undefined) source.report(place, `unknown field "${name}"${hint(name, fields.keys())}`)
    else if (field.isInternal || field.isWriteOnly || field.type.name === 'secret')
      source.report(place, 'is never shown, so nothing can be offered by it')
    else
      for (const value of values) {
        const reason = value === null ? undefined : reasonAgainst(field, value)
        if (reason !== undefined) source.report(place, reason)
      }
    return { field: name, isOneOf: !isNegated, values }
  })
}
