import { Fault } from '#contract/outcome.ts'
import type { Module } from '../schema/module.ts'
import { readMark, writeMark } from '../storage/meta.ts'
import { type ComputedField, computeFields } from './computed.ts'
import type { Runtime } from './runtime.ts'

const rowsAtOnce = 500

/** How a module's fields are computed, as a text that changes when they have to be computed again. */
const definitionOf = (fields: readonly ComputedField[]): string =>
  JSON.stringify(
    fields.map(({ field }) => [
      field.name,
      field.type.name,
      field.computed?.kind === 'expression' ? field.computed.source : field.computed?.name,
    ]),
  )

interface Recomputed {
  readonly changed: number
  readonly nextCursor: string | undefined
}

/** Reads and writes as the only writer, so that nothing is worked out from what another process has changed meanwhile. */
function recomputePage(
  { store, write }: Runtime,
  module: Module,
  fields: readonly ComputedField[],
  cursor: string | undefined,
): Promise<Recomputed> {
  return write(async (transaction) => {
    const within = store.on(transaction)
    const query = { limit: rowsAtOnce, ...(cursor === undefined ? {} : { cursor }) }
    const page = await within.list(module.name, query, 'all')
    if (!page.ok)
      throw new Fault('internal_error', `${module.name} cannot be computed again: ${page.message}`)
    let changed = 0
    for (const row of page.value.items) {
      const values = computeFields(fields, row)
      if (!values.ok)
        throw new Fault('validation_error', `${module.file}: ${module.name} ${row.id}: ${values.message}`)
      const differs = fields.some(({ field: { name } }) => isDifferent(values.value[name], row[name]))
      if (!differs) continue
      const updated = await within.update(module.name, row.id, values.value)
      if (!updated.ok)
        throw new Fault('validation_error', `${module.file}: ${module.name} ${row.id}: ${updated.message}`)
      changed += 1
    }
    return { changed, nextCursor: page.value.nextCursor }
  })
}

const isDifferent = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one ?? null) !== JSON.stringify(other ?? null)

/**
 * Works the computed fields of stored records out again where their definition has changed since it was done last; answers how many
 * records it changed. One that breaks off goes on at the next start. Throws a Fault that names file and record where there is no value.
 */
export async function recompute(runtime: Runtime): Promise<number> {
  let changed = 0
  for (const module of runtime.modules.values()) {
    const fields = runtime.computed(module)
    const key = `computed.${module.name}`
    if (fields.length === 0 || (await readMark(runtime.db, key)) === definitionOf(fields)) continue
    let cursor: string | undefined
    do {
      const page = await recomputePage(runtime, module, fields, cursor)
      changed += page.changed
      cursor = page.nextCursor
    } while (cursor !== undefined)
    await writeMark(runtime.db, key, definitionOf(fields))
  }
  return changed
}
