import { sql } from 'kysely'
import { type Actor, systemActor } from '#contract/actor.ts'
import { accept, Fault, type Outcome, type Refusal, refuse, refuseFields } from '#contract/outcome.ts'
import type { BehaviourContext, Invocation, InvocationResult } from '#ports/behaviour.ts'
import type { Row } from '#ports/records.ts'
import type { HookStep } from '../schema/module.ts'
import { assignmentsOf, type Blueprint } from './blueprint.ts'
import { etagOf } from './etag.ts'
import { changesOf, checkDraft, parseInput } from './input.ts'
import { locate } from './locate.ts'
import { resolveReferences } from './references.ts'
import type { PendingEvent, Runtime, Unit } from './runtime.ts'
import { showRow } from './view.ts'

const deepest = 8
/** The field by which a record belongs to an organization, and the module of those. */
const ownerField = 'organization_id'
const ownerModule = 'organization'

/** A call inside a transaction. */
export interface InnerCall extends Invocation {
  readonly actor: Actor
  readonly ifMatch?: string | undefined
}

/** One action on its way through its hooks. */
interface Course {
  readonly runtime: Runtime
  readonly unit: Unit
  readonly blueprint: Blueprint
  readonly id: string
  readonly nowText: string
  /** Events of this action that wait for the record's last state. */
  readonly slots: PendingEvent[]
  /** What behaviours are given; `after` appears when the record is stored. */
  readonly context: { -readonly [Key in keyof BehaviourContext]: BehaviourContext[Key] }
  readonly once: Record<string, unknown>
  /** True when a hook wrote other records, which may have changed this one. */
  hasNested: boolean
}

/** Runs one action in a transaction: authorize, validate, before hooks, store, after hooks, event. A refusal leaves it to the caller to roll back. */
export async function runAction(
  runtime: Runtime,
  unit: Unit,
  call: InnerCall,
  depth: number,
): Promise<Outcome<InvocationResult>> {
  const located = await locate(runtime, unit.store, call)
  if (!located.ok) return located
  const { blueprint, row: before } = located.value
  const { module, action } = blueprint
  if (call.ifMatch !== undefined && call.ifMatch !== '*' && before !== undefined) {
    if (etagOf(showRow(module, before)) !== call.ifMatch) {
      return refuse('precondition_failed', 'The record has changed since it was read')
    }
  }
  const nowText = new Date(unit.now).toISOString()
  const isSystem = call.actor.kind === 'system'
  const { draft, problems } = parseInput(blueprint, call.input ?? {}, before, nowText, isSystem)
  const sight = {
    modules: runtime.modules,
    store: unit.store,
    authorize: runtime.authorize,
    actor: call.actor,
  }
  await resolveReferences(sight, blueprint, draft, before, problems)
  if (problems.length > 0) return refuseFields(problems)

  const course = begin(runtime, unit, blueprint, call, before, draft, depth)
  const parsed = { ...draft }
  const emitted: string[] = []
  const stopped = await runSteps(course, blueprint.before, (step) => {
    if (step.kind === 'emit') emitted.push(step.event)
    else for (const { name, valueAt } of assignmentsOf(module, step.fields)) draft[name] = valueAt(nowText)
  })
  if (stopped !== undefined) return stopped
  const wrong = action.kind === 'delete' ? [] : checkDraft(blueprint, draft, parsed)
  if (wrong.length > 0) return refuseFields(wrong)

  const written = await write(course, before, draft)
  if (!written.ok) return written
  if (!written.value.isChanged) return accept({ row: showRow(module, written.value.row), once: course.once })
  for (const type of [blueprint.event, ...emitted]) reserve(course, type)
  return finish(course, written.value.row)
}

function begin(
  runtime: Runtime,
  unit: Unit,
  blueprint: Blueprint,
  call: InnerCall,
  before: Row | undefined,
  draft: Record<string, unknown>,
  depth: number,
): Course {
  const once: Record<string, unknown> = {}
  const id = before?.id ?? runtime.ids.next(blueprint.module.idPrefix)
  // One nested write at a time: savepoints are a stack.
  let last: Promise<unknown> = Promise.resolve()
  const course: Course = {
    runtime,
    unit,
    blueprint,
    id,
    nowText: new Date(unit.now).toISOString(),
    slots: [],
    once,
    hasNested: false,
    context: {
      actor: call.actor,
      module: blueprint.module.name,
      action: blueprint.action.name,
      id,
      input: draft,
      before,
      after: undefined,
      now: unit.now,
      records: unit.records,
      invoke: (inner) => {
        course.hasNested = true
        const run = last.then(() => runNested(runtime, unit, inner, depth + 1))
        last = run.catch(() => undefined)
        return run
      },
      revealOnce: (field, value) => {
        once[field] = value
      },
    },
  }
  return course
}

async function runNested(
  runtime: Runtime,
  unit: Unit,
  call: Invocation,
  depth: number,
): Promise<Outcome<InvocationResult>> {
  if (depth > deepest) {
    throw new Fault(
      'internal_error',
      `the hooks of ${call.module}.${call.action} call each other without end`,
    )
  }
  const savepoint = sql.raw(`nested_${depth}`)
  const told = unit.events.length
  await sql`savepoint ${savepoint}`.execute(unit.db)
  const undo = async (): Promise<void> => {
    unit.events.length = told
    await sql`rollback to savepoint ${savepoint}`.execute(unit.db)
  }
  let outcome: Outcome<InvocationResult>
  try {
    outcome = await runAction(runtime, unit, { ...call, actor: systemActor }, depth)
  } catch (error) {
    await undo()
    throw error
  }
  if (!outcome.ok) await undo()
  await sql`release savepoint ${savepoint}`.execute(unit.db)
  return outcome
}

/** Runs the steps of a hook in their order; the first refusal ends them. */
async function runSteps(
  course: Course,
  steps: readonly HookStep[],
  apply: (step: Exclude<HookStep, { kind: 'call' }>) => Promise<Refusal | undefined> | Refusal | undefined,
): Promise<Refusal | undefined> {
  for (const step of steps) {
    if (step.kind === 'call') {
      const refusal = await course.runtime.behaviours[step.behaviour]?.(course.context)
      if (refusal !== undefined) return refusal
    } else {
      const refusal = await apply(step)
      if (refusal !== undefined) return refusal
    }
  }
  return undefined
}

async function write(
  { unit, blueprint, id, nowText }: Course,
  before: Row | undefined,
  draft: Readonly<Record<string, unknown>>,
): Promise<Outcome<{ row: Row; isChanged: boolean }>> {
  const module = blueprint.module.name
  if (before === undefined) {
    const values: Record<string, unknown> = { ...blueprint.blank }
    for (const name in values) values[name] = draft[name] ?? null
    const row: Row = { id, ...values, created_at: nowText, updated_at: nowText }
    const inserted = await unit.store.insert(module, row)
    return inserted.ok ? accept({ row, isChanged: true }) : inserted
  }
  if (blueprint.action.kind === 'delete') {
    const deleted = await unit.store.delete(module, id)
    return deleted.ok ? accept({ row: before, isChanged: true }) : deleted
  }
  const changes = changesOf(blueprint, draft, before)
  if (Object.keys(changes).length === 0) {
    return accept({ row: before, isChanged: blueprint.action.kind === 'custom' })
  }
  const timed = { ...changes, updated_at: nowText }
  const updated = await unit.store.update(module, id, timed)
  return updated.ok ? accept({ row: { ...before, ...timed }, isChanged: true }) : updated
}

/** Takes the event's place in the order of the commit; an action tells each event once. */
function reserve({ runtime, unit, blueprint, id, nowText, slots }: Course, type: string): void {
  if (slots.some((slot) => slot.type === type)) return
  const slot: PendingEvent = {
    id: runtime.ids.next('evt'),
    type,
    module: blueprint.module.name,
    record_id: id,
    organization_id: null,
    data: {},
    at: nowText,
  }
  slots.push(slot)
  unit.events.push(slot)
}

/** The after hooks, and the record's last state into the answer and its events. */
async function finish(course: Course, stored: Row): Promise<Outcome<InvocationResult>> {
  const { unit, blueprint, context, id, nowText } = course
  const { module, action } = blueprint
  const isGone = action.kind === 'delete'
  let row = stored
  if (!isGone) context.after = row
  const stopped = await runSteps(course, blueprint.after, async (step) => {
    if (step.kind === 'emit') {
      reserve(course, step.event)
      return undefined
    }
    const changes: Record<string, unknown> = { updated_at: nowText }
    for (const { name, valueAt } of assignmentsOf(module, step.fields)) changes[name] = valueAt(nowText)
    row = { ...row, ...changes }
    context.after = row
    const updated = await unit.store.update(module.name, id, changes)
    return updated.ok ? undefined : updated
  })
  if (stopped !== undefined) return stopped
  if (course.hasNested && !isGone) row = (await unit.store.get(module.name, id)) ?? row
  const shown = showRow(module, row)
  const owner = module.name === ownerModule ? id : row[ownerField]
  for (const slot of course.slots) {
    slot.data = shown
    slot.organization_id = typeof owner === 'string' ? owner : null
  }
  return accept({ row: shown, once: course.once })
}
