import { type Actor, systemActor } from '#contract/actor.ts'
import { instanceChain } from '#contract/audit.ts'
import { accept, type FieldProblem, type Outcome, type Refusal, refuseFields } from '#contract/outcome.ts'
import type { BehaviourContext, Invocation, InvocationResult } from '#ports/behaviour.ts'
import type { Row } from '#ports/records.ts'
import type { PendingEntry } from '../audit/append.ts'
import { changesBetween } from '../audit/changes.ts'
import type { HookStep } from '../schema/module.ts'
import { scopeField, scopeModule } from '../schema/names.ts'
import { assignmentsOf, type Blueprint } from './blueprint.ts'
import { boundOf, systemWithin } from './bounds.ts'
import { createRecords } from './records.ts'
import { resolveReferences, type Sight } from './references.ts'
import type { PendingEvent, Runtime, Unit } from './runtime.ts'
import { showRow } from './view.ts'

/** One action on its way through its hooks. */
export interface Course {
  readonly runtime: Runtime
  readonly unit: Unit
  readonly blueprint: Blueprint
  readonly sight: Sight
  readonly id: string
  readonly nowText: string
  /** Events of this action, which get the record's last state at its end. */
  readonly slots: PendingEvent[]
  /** What behaviours are given; `after` appears when the record is stored. */
  readonly context: { -readonly [Key in keyof BehaviourContext]: BehaviourContext[Key] }
  /** What this one answer shows beyond the record. */
  readonly once: Record<string, unknown>
  /** True when a hook wrote other records, which may have changed this one. */
  hasNested: boolean
}

/** Prepares what the hooks of an action are given; `nest` writes another record in the same transaction. */
export function beginCourse(
  start: Pick<Course, 'runtime' | 'unit' | 'blueprint' | 'sight' | 'nowText'>,
  before: Row | undefined,
  draft: Record<string, unknown>,
  nest: (call: Invocation, actor: Actor) => Promise<Outcome<InvocationResult>>,
): Course {
  const { runtime, unit, blueprint, sight } = start
  const once: Record<string, unknown> = {}
  const id = before?.id ?? runtime.ids.next(blueprint.module.idPrefix)
  // One nested write at a time: savepoints are a stack.
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = (call: Invocation, actor: Actor): Promise<Outcome<InvocationResult>> => {
    course.hasNested = true
    const run = last.then(() => nest(call, actor))
    last = run.catch(() => undefined)
    return run
  }
  const bound = boundOf(sight.actor)
  const course: Course = {
    ...start,
    id,
    slots: [],
    once,
    hasNested: false,
    context: {
      actor: sight.actor,
      module: blueprint.module.name,
      action: blueprint.action.name,
      id,
      input: draft,
      before,
      after: undefined,
      now: unit.now,
      clock: runtime.clock,
      ids: runtime.ids,
      log: runtime.log,
      records: bound === undefined ? unit.records : createRecords(sight.store),
      invoke: (call) => inTurn(call, systemWithin(bound)),
      everywhere: { records: unit.records, invoke: (call) => inTurn(call, systemActor) },
      revealOnce: (field, value) => {
        once[field] = value
      },
    },
  }
  return course
}

/** The values of a `set` step, its refs found. */
async function valuesOf(
  { blueprint, sight, nowText }: Course,
  fields: Readonly<Record<string, unknown>>,
): Promise<Outcome<Record<string, unknown>>> {
  const values: Record<string, unknown> = {}
  for (const { name, valueAt } of assignmentsOf(blueprint.module, fields)) values[name] = valueAt(nowText)
  const problems: FieldProblem[] = []
  await resolveReferences(sight, blueprint, values, undefined, problems)
  return problems.length > 0 ? refuseFields(problems) : accept(values)
}

/** Runs the steps of a hook in their order; the first refusal ends them. */
export async function runSteps(
  course: Course,
  steps: readonly HookStep[],
  emit: (event: string) => void,
  set: (values: Readonly<Record<string, unknown>>) => Promise<Refusal | undefined> | undefined,
): Promise<Refusal | undefined> {
  for (const step of steps) {
    if (step.kind === 'emit') emit(step.event)
    else {
      const refusal =
        step.kind === 'call'
          ? await course.runtime.behaviours[step.behaviour]?.(course.context)
          : await setFields(course, step.fields, set)
      if (refusal !== undefined) return refusal
    }
  }
  return undefined
}

async function setFields(
  course: Course,
  fields: Readonly<Record<string, unknown>>,
  set: (values: Readonly<Record<string, unknown>>) => Promise<Refusal | undefined> | undefined,
): Promise<Refusal | undefined> {
  const values = await valuesOf(course, fields)
  return values.ok ? set(values.value) : values
}

/** Takes an event's place in the order of the commit; an action tells each event of its record once. */
export function reserveEvent({ runtime, unit, blueprint, id, nowText, slots }: Course, type: string): void {
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

/** Takes an entry's place in the audit log, and answers what puts the record's last state into it. */
export function reserveEntry(
  { unit, blueprint: { module, action }, id }: Course,
  before: Row | undefined,
  given: Readonly<Record<string, unknown>>,
): (after: Row) => void {
  if (!module.meta.isAudited || !action.isAudited) return () => undefined
  const entry: PendingEntry = {
    chain: instanceChain,
    action: `${module.name}.${action.name}`,
    outcome: 'done',
    module: module.name,
    record_id: id,
    changes: '',
  }
  unit.entries.push(entry)
  return (after) => {
    const owner = module.name === scopeModule ? id : after[scopeField]
    if (module.scope === 'organization' && typeof owner === 'string') entry.chain = owner
    entry.changes = changesBetween(module, before, action.kind === 'delete' ? undefined : after, given)
  }
}

/** Puts the record's last state into the events of its action, and answers it as it is shown. */
export function settleEvents({ blueprint, id, slots }: Course, row: Row): Row {
  const shown = showRow(blueprint.module, row)
  const owner = blueprint.module.name === scopeModule ? id : row[scopeField]
  for (const slot of slots) {
    slot.data = shown
    slot.organization_id = typeof owner === 'string' ? owner : null
  }
  return shown
}
