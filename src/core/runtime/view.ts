import type { Row } from '#ports/records.ts'
import type { Module } from '../schema/module.ts'

const shownFields = new WeakMap<Module, readonly string[]>()

/** The names of the fields that leave the process: not internal, not secret, not write-only. */
function shownFieldsOf(module: Module): readonly string[] {
  const known = shownFields.get(module)
  if (known !== undefined) return known
  const names = [...module.fields.values()]
    .filter((field) => !field.isInternal && !field.isWriteOnly && field.type.name !== 'secret')
    .map(({ name }) => name)
  shownFields.set(module, names)
  return names
}

/** The record as its module shows it, in the order of the YAML. */
export function showRow(module: Module, row: Row): Row {
  const shown: Record<string, unknown> & { id: string } = { id: row.id }
  for (const name of shownFieldsOf(module)) shown[name] = row[name] ?? null
  return shown
}
