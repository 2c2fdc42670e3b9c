import { stat } from 'node:fs/promises'
import type { Kysely } from 'kysely'
import { systemActor } from '#contract/actor.ts'
import { Fault } from '#contract/outcome.ts'
import type { Clock } from '#ports/clock.ts'
import type { Engine } from '../engine.ts'
import { seedDocument } from '../schema/document.ts'
import { SchemaFault } from '../schema/problem.ts'
import { readSource } from '../schema/source.ts'
import { hint } from '../schema/suggest.ts'
import { readMark, writeMark } from '../storage/meta.ts'
import type { Tables } from '../storage/tables.ts'

interface Entry {
  readonly module: string
  readonly values: Readonly<Record<string, unknown>>
  /** Where it stands, for messages. */
  readonly place: string
}

async function readSeed(engine: Engine, path: string): Promise<readonly Entry[]> {
  const { source, data } = await readSource(path, seedDocument)
  const entries: Entry[] = []
  for (const [name, records] of Object.entries(data?.seed ?? {})) {
    const module = engine.modules.get(name)
    if (module === undefined)
      source.report(['seed', name], `unknown module "${name}"${hint(name, engine.modules.keys())}`)
    for (const [index, values] of records.entries()) {
      const { line, column } = source.placeOf(['seed', name, index])
      const place = `${source.file}:${line}:${column}: seed.${name}[${index}]`
      entries.push({ module: name, values, place })
    }
  }
  if (source.problems.length > 0) throw new SchemaFault(source.problems)
  return entries
}

/** True when a record that the seed would make is there already, as after a start that broke off. */
async function isThere(engine: Engine, { module: name, values }: Entry): Promise<boolean> {
  const module = engine.modules.get(name)
  for (const field of module?.fields.values() ?? []) {
    const value = values[field.name]
    if (!field.isUnique || !field.isLookup || typeof value !== 'string') continue
    return (await engine.get({ actor: systemActor, module: name, id: value })).ok
  }
  return false
}

/**
 * Makes what a new database starts with, in the order of the seed file and through the one write path; answers whether it did. Only
 * once in the life of a database. Throws a Fault that names file and line of a record that is refused.
 */
export async function applySeed(
  deps: { readonly engine: Engine; readonly db: Kysely<Tables>; readonly clock: Clock },
  path: string,
): Promise<boolean> {
  const { engine, db, clock } = deps
  if ((await readMark(db, 'seeded_at')) !== undefined) return false
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
  for (const entry of isFile ? await readSeed(engine, path) : []) {
    if (await isThere(engine, entry)) continue
    const { module, values: input } = entry
    const made = await engine.invoke({
      actor: systemActor,
      requestId: 'seed',
      module,
      action: 'create',
      input,
    })
    if (!made.ok) throw new Fault('validation_error', `${entry.place}: ${made.message}`)
  }
  await writeMark(db, 'seeded_at', new Date(clock.now()).toISOString())
  return true
}
