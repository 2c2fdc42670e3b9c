import type { Actor } from '#contract/actor.ts'
import { Fault, type Outcome, type Refusal, refuse } from '#contract/outcome.ts'
import type { InvocationResult } from '#ports/behaviour.ts'
import type { Row } from '#ports/records.ts'
import type { Field, Module } from '../schema/module.ts'
import { scopeColumn } from '../schema/names.ts'
import { boundOf, systemWithin } from './bounds.ts'
import type { Course } from './course.ts'
import type { InnerCall } from './inner-call.ts'

const rowsAtOnce = 100
/** A deletion is one transaction; what is more than this is not for one. */
const mostDependents = 10_000

/** A field that refers to a module and says what becomes of its record when the other one goes. */
export interface Dependent {
  readonly module: Module
  readonly field: Field
}

/** Who goes with a record of a module, or lets go of it. */
export function dependentsOf(module: Module, modules: ReadonlyMap<string, Module>): readonly Dependent[] {
  return [...modules.values()].flatMap((other) =>
    [...other.fields.values()]
      .filter(({ to, onDelete }) => to === module.name && onDelete !== 'restrict')
      .map((field) => ({ module: other, field })),
  )
}

/**
 * Deletes the records that go with one that is deleted and empties the refs that let go of it, each by its own action, so that its hooks
 * run and its event is told before that of the record itself. A refusal of one refuses all.
 */
export async function releaseDependents(
  course: Course,
  run: (call: InnerCall) => Promise<Outcome<InvocationResult>>,
): Promise<Refusal | undefined> {
  for (const dependent of course.blueprint.dependents) {
    let cursor: string | undefined
    do {
      const page = await pageOf(course, dependent, cursor)
      for (const row of page.items) {
        const refusal = await release(course, dependent, row, run)
        if (refusal !== undefined) return refusal
      }
      cursor = page.nextCursor
    } while (cursor !== undefined)
  }
  return undefined
}

async function pageOf({ unit, id }: Course, { module, field }: Dependent, cursor: string | undefined) {
  const where = [{ field: field.name, op: 'eq', value: id } as const]
  const query = { where, limit: rowsAtOnce, ...(cursor === undefined ? {} : { cursor }) }
  const page = await unit.store.list(module.name, query, 'all')
  if (!page.ok) throw new Fault('internal_error', `what goes with a record cannot be listed: ${page.message}`)
  return page.value
}

async function release(
  { unit, sight }: Course,
  { module, field }: Dependent,
  row: Row,
  run: (call: InnerCall) => Promise<Outcome<InvocationResult>>,
): Promise<Refusal | undefined> {
  if (unit.leaving.has(`${module.name} ${row.id}`)) return undefined
  unit.released += 1
  if (unit.released > mostDependents)
    return refuse('conflict', `More than ${mostDependents} records go with it: delete those first, in parts`)
  const call = { module: module.name, id: row.id, actor: actorFor(sight.actor, module, row) }
  const outcome =
    field.onDelete === 'cascade'
      ? await run({ ...call, action: 'delete' })
      : await run({ ...call, action: 'update', input: { [field.name]: null }, isRelease: true })
  return outcome.ok ? undefined : outcome
}

/** The system, confined like the caller, but to the organization of this record. */
function actorFor(caller: Actor, module: Module, row: Row): Actor {
  const bound = boundOf(caller)
  const owner = row[scopeColumn(module) ?? '']
  return systemWithin(bound !== undefined && typeof owner === 'string' ? owner : bound)
}
