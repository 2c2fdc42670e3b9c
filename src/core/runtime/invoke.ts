import type { Actor } from '#contract/actor.ts'
import { accept, Fault, type Outcome, refuse, refuseFields } from '#contract/outcome.ts'
import type { Invocation, InvocationResult } from '#ports/behaviour.ts'
import type { Row } from '#ports/records.ts'
import { boundOf, stampOrganization, strayFields } from './bounds.ts'
import { computeFields } from './computed.ts'
import { beginCourse, type Course, reserveEntry, reserveEvent, runSteps, settleEvents } from './course.ts'
import { releaseDependents } from './dependents.ts'
import { etagOf } from './etag.ts'
import type { InnerCall } from './inner-call.ts'
import { changesOf, checkDraft, parseInput } from './input.ts'
import { locate } from './locate.ts'
import { checkOutput } from './output.ts'
import { resolveReferences } from './references.ts'
import type { Runtime, Unit } from './runtime.ts'
import { withSavepoint } from './savepoint.ts'
import { showRow } from './view.ts'

const deepest = 8

/**
 * Runs one action in a transaction: authorize, validate, before hooks, store, after hooks, event. A refusal leaves it to the caller to
 * roll back. `depth` counts the actions that called each other.
 */
export async function runAction(
  runtime: Runtime,
  unit: Unit,
  call: InnerCall,
  depth: number,
): Promise<Outcome<InvocationResult>> {
  const bound = boundOf(call.actor)
  const store = unit.store.within(bound)
  const located = await locate(runtime, store, call)
  if (!located.ok) return located
  const { blueprint, row: before } = located.value
  const { module, action } = blueprint
  if (before !== undefined && call.ifMatch !== undefined && call.ifMatch !== '*') {
    if (etagOf(showRow(module, before)) !== call.ifMatch) {
      return refuse('precondition_failed', 'The record has changed since it was read')
    }
  }
  const { modules, authorize } = runtime
  const sight = { modules, store, authorize, actor: call.actor }
  const nowText = new Date(unit.now).toISOString()
  const { draft, problems } = parseInput(
    blueprint,
    stampOrganization(blueprint, call.input ?? {}, bound),
    before,
    nowText,
    { isSystem: call.actor.kind === 'system', isRelease: call.isRelease === true },
  )
  await resolveReferences(sight, blueprint, draft, before, problems)
  if (problems.length > 0) return refuseFields(problems)

  const course = beginCourse({ runtime, unit, blueprint, sight, nowText }, before, draft, (nested, actor) =>
    runNested(runtime, unit, nested, actor, depth + 1),
  )
  const parsed = { ...draft }
  const emitted: string[] = []
  const stopped = await runSteps(
    course,
    blueprint.before,
    (event) => void emitted.push(event),
    (values) => void Object.assign(draft, values),
  )
  if (stopped !== undefined) return stopped
  const wrong = action.kind === 'delete' ? [] : [...checkDraft(blueprint, draft, parsed)]
  // What behaviours have put into the draft was not looked up yet.
  if (wrong.length === 0 && isChangedSince(parsed, draft))
    wrong.push(...(await strayFields(blueprint, unit.store, draft, before, bound)))
  if (wrong.length > 0) return refuseFields(wrong)

  if (action.kind === 'delete') {
    unit.leaving.add(`${module.name} ${course.id}`)
    const kept = await releaseDependents(course, (inner) => runAction(runtime, unit, inner, depth))
    if (kept !== undefined) return kept
  }
  const written = await write(course, before, draft)
  if (!written.ok) return written
  const { row, isChanged } = written.value
  if (!isChanged) {
    checkOutput(blueprint, course.once)
    return accept({ row: showRow(module, row), once: course.once })
  }
  for (const event of [blueprint.event, ...emitted]) reserveEvent(course, event)
  const settleEntry = reserveEntry(course, before, draft)
  return finish(course, row, settleEntry)
}

/** Whether behaviours have changed any value of a draft. */
const isChangedSince = (
  parsed: Readonly<Record<string, unknown>>,
  draft: Readonly<Record<string, unknown>>,
) => Object.keys(draft).some((name) => draft[name] !== parsed[name])

async function runNested(
  runtime: Runtime,
  unit: Unit,
  call: Invocation,
  actor: Actor,
  depth: number,
): Promise<Outcome<InvocationResult>> {
  if (depth > deepest) {
    throw new Fault(
      'internal_error',
      `the hooks of ${call.module}.${call.action} call each other without end`,
    )
  }
  return withSavepoint(unit, depth, () => runAction(runtime, unit, { ...call, actor }, depth))
}

/** Stores what the action changes; an update that changes nothing is a success that nobody is told of. */
async function write(
  { sight: { store }, blueprint, id, nowText }: Course,
  before: Row | undefined,
  draft: Readonly<Record<string, unknown>>,
): Promise<Outcome<{ row: Row; isChanged: boolean }>> {
  const module = blueprint.module.name
  if (before === undefined) {
    const values: Record<string, unknown> = { ...blueprint.blank }
    for (const name in values) values[name] = draft[name] ?? null
    const start: Row = { id, ...values, created_at: nowText, updated_at: nowText }
    const computed = computeFields(blueprint.computed, start)
    if (!computed.ok) return computed
    const row: Row = { ...start, ...computed.value }
    const inserted = await store.insert(module, row)
    return inserted.ok ? accept({ row, isChanged: true }) : inserted
  }
  if (blueprint.action.kind === 'delete') {
    const deleted = await store.delete(module, id)
    return deleted.ok ? accept({ row: before, isChanged: true }) : deleted
  }
  const changes = changesOf(blueprint, draft, before)
  if (Object.keys(changes).length === 0) {
    return accept({ row: before, isChanged: blueprint.action.kind === 'custom' })
  }
  const computed = computeFields(blueprint.computed, { ...before, ...changes })
  if (!computed.ok) return computed
  const timed = { ...changes, ...computed.value, updated_at: nowText }
  const updated = await store.update(module, id, timed)
  return updated.ok ? accept({ row: { ...before, ...timed }, isChanged: true }) : updated
}

/** The after hooks, and the record's last state into the answer and its events. */
async function finish(
  course: Course,
  stored: Row,
  settleEntry: (row: Row) => void,
): Promise<Outcome<InvocationResult>> {
  const { blueprint, context, id, nowText } = course
  const { store } = course.sight
  const module = blueprint.module.name
  const isGone = blueprint.action.kind === 'delete'
  let row = stored
  if (!isGone) context.after = row
  const stopped = await runSteps(
    course,
    blueprint.after,
    (event) => reserveEvent(course, event),
    async (values) => {
      const computed = computeFields(blueprint.computed, { ...row, ...values })
      if (!computed.ok) return computed
      const changes = { ...values, ...computed.value, updated_at: nowText }
      row = { ...row, ...changes }
      context.after = row
      const updated = await store.update(module, id, changes)
      return updated.ok ? undefined : updated
    },
  )
  if (stopped !== undefined) return stopped
  checkOutput(blueprint, course.once)
  if (course.hasNested && !isGone) row = (await store.get(module, id)) ?? row
  settleEntry(row)
  return accept({ row: settleEvents(course, row), once: course.once })
}
