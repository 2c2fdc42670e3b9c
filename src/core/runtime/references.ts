import type { Actor } from '#contract/actor.ts'
import type { FieldProblem } from '#contract/outcome.ts'
import type { Condition, Row } from '#ports/records.ts'
import type { Module } from '../schema/module.ts'
import { scopeField } from '../schema/names.ts'
import type { RecordStore } from '../storage/record-store.ts'
import { mostAlternatives } from '../storage/where.ts'
import type { Blueprint } from './blueprint.ts'
import { boundOf, organizationOf } from './bounds.ts'
import type { Authorize } from './runtime.ts'

/** What is needed to find the records that a call refers to, as the one who calls may see them. */
export interface Sight {
  readonly modules: ReadonlyMap<string, Module>
  readonly store: RecordStore
  readonly authorize: Authorize
  readonly actor: Actor
}

/** The records that answer to an id or lookup value and that the actor may look at; nobody learns of others. */
async function visible(
  { modules, store, authorize, actor }: Sight,
  moduleName: string,
  idOrValue: string,
): Promise<readonly Row[]> {
  const module = modules.get(moduleName)
  const get = module?.actions.get('get')
  if (module === undefined || get === undefined) return []
  const rows = await store.find(moduleName, idOrValue, 'show')
  return rows.filter((row) => authorize(actor, module, get, row) !== false)
}

/** Puts ids in the place of lookup values (`plan_id: free`) in a draft; what does not exist is added to the problems. */
export async function resolveReferences(
  sight: Sight,
  blueprint: Blueprint,
  draft: Record<string, unknown>,
  before: Row | undefined,
  problems: FieldProblem[],
): Promise<void> {
  const bound = boundOf(sight.actor)
  let reach = sight
  for (const name of ownerFirst(draft)) {
    const value = draft[name]
    const target = blueprint.accepts.get(name)?.field.to ?? blueprint.stored.get(name)?.field.to
    if (target === undefined || typeof value !== 'string' || value === before?.[name]) continue
    if (name === scopeField && value === bound) continue
    // What belongs to an organization refers only to records of the same one, also where who writes may see them all.
    const owner = bound ?? organizationOf(blueprint, draft, before)
    if (typeof owner === 'string' && name !== scopeField)
      reach = { ...sight, store: sight.store.within(owner) }
    const [first, second] = await visible(reach, target, value)
    if (first === undefined) problems.push({ field: name, reason: 'does not exist' })
    else if (second !== undefined)
      problems.push({ field: name, reason: 'names several records; give the id' })
    else draft[name] = first.id
  }
}

/** The names of a draft, the organization before what has to be found within it. */
const ownerFirst = (draft: Readonly<Record<string, unknown>>): readonly string[] =>
  Object.hasOwn(draft, scopeField)
    ? [scopeField, ...Object.keys(draft).filter((name) => name !== scopeField)]
    : Object.keys(draft)

/** The same for the conditions of a list; a value that names nothing stays, and matches nothing. Each value is looked up once. */
export async function resolveConditions(
  sight: Sight,
  module: Module,
  conditions: readonly Condition[],
): Promise<readonly Condition[]> {
  const resolve = async (target: string, value: unknown): Promise<unknown> => {
    if (typeof value !== 'string') return value
    const [first, second] = await visible(sight, target, value)
    return second === undefined ? (first?.id ?? value) : value
  }
  return Promise.all(
    conditions.map(async (condition) => {
      const target = module.fields.get(condition.field)?.to
      if (target === undefined || condition.op === 'like') return condition
      if (!Array.isArray(condition.value))
        return { ...condition, value: await resolve(target, condition.value) }
      const distinct = [...new Set(condition.value)]
      // The store refuses so many; nothing is looked up for a list that is refused.
      if (distinct.length > mostAlternatives) return condition
      return { ...condition, value: await Promise.all(distinct.map((one) => resolve(target, one))) }
    }),
  )
}
