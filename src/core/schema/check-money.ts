import type { ModuleDocument } from './document.ts'
import type { Field } from './module.ts'
import type { Path, Source } from './source.ts'
import { hint } from './suggest.ts'

/** An amount says in which field its currency is; one that names no text field of the module is reported. */
export function checkMoney(
  source: Source,
  document: ModuleDocument,
  fields: ReadonlyMap<string, Field>,
): void {
  const check = (path: Path, money: string | undefined): void => {
    if (money === undefined) return
    const currency = fields.get(money)
    if (currency === undefined)
      source.report([...path, 'money'], `unknown field "${money}"${hint(money, fields.keys())}`)
    else if (currency.type.name !== 'string')
      source.report([...path, 'money'], `"${money}" is no string, so it holds no currency`)
  }
  for (const [name, { money }] of Object.entries(document.schema)) check(['schema', name], money)
  for (const [name, action] of Object.entries(document.actions ?? {}))
    for (const [index, { money }] of (action?.input ?? []).entries())
      check(['actions', name, 'input', index], money)
}
