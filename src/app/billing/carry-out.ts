import { systemActor } from '#contract/actor.ts'
import { accept } from '#contract/outcome.ts'
import type { SubscriptionRow } from '#contract/rows.gen.ts'
import type { JobQueue } from '#ports/capability/job-queue.ts'
import type { Clock } from '#ports/clock.ts'
import type { Ids } from '#ports/ids.ts'
import type { Call, Invoke, InvokeAll } from '#ports/invoke.ts'
import type { Log } from '#ports/log.ts'
import type { Records } from '#ports/records.ts'
import type { Recurrence } from '#ports/recurrence.ts'

/** Does what time has brought to subscriptions: ends, ends of trials, next periods with the plans that were to come with them. */
export type CarryOut = (signal?: AbortSignal) => Promise<{ readonly steps: number }>

const jobName = 'billing.carry_out'
// Time that was missed is one step each for a trial, a period and an end.
const mostSteps = 10
const subscriptionsAtOnce = 50
const openStatuses = ['trialing', 'active', 'past_due', 'paused', 'cancelled']

/**
 * Every step looks at the subscription again in its transaction, so that running it twice, or twice at once, changes nothing, and what
 * was missed while nobody ran is done at its own time.
 */
export function createCarryOut(deps: {
  readonly records: Records
  readonly invoke: Invoke
  readonly invokeAll: InvokeAll
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
}): CarryOut {
  const { records, invoke, invokeAll, clock, ids, log } = deps

  const stepOf = ({ id, due_at: at }: SubscriptionRow): Call => ({
    module: 'subscription',
    action: 'carry_out',
    id,
    input: { at },
    actor: systemActor,
    requestId: ids.next('req'),
  })

  /** One step of each; where one of them cannot be done, the others are not kept from it. */
  async function stepAll(subscriptions: readonly SubscriptionRow[]): Promise<number> {
    const calls = subscriptions.map(stepOf)
    if ((await invokeAll(calls)).ok) return calls.length
    let steps = 0
    for (const call of calls) {
      const done = await invoke(call)
      if (done.ok) steps += 1
      // Somebody else has done it, or it needs a look.
      else if (done.code !== 'illegal_transition')
        log.error(
          { subscription: call.id, reason: done.message },
          'what is due for a subscription could not be done',
        )
    }
    return steps
  }

  // Those that are older than this note get it by an update that changes nothing else.
  async function noteDue(): Promise<void> {
    const open = { field: 'status', op: 'in', value: openStatuses } as const
    for await (const { id } of records.each('subscription', [
      open,
      { field: 'due_at', op: 'eq', value: null },
    ]))
      await invoke({
        module: 'subscription',
        action: 'update',
        id,
        actor: systemActor,
        requestId: ids.next('req'),
      })
  }

  /** A step of everything that is due; answers how many. */
  async function pass(signal: AbortSignal | undefined): Promise<number> {
    const due = { field: 'due_at', op: 'lte', value: new Date(clock.now()).toISOString() } as const
    let steps = 0
    let batch: SubscriptionRow[] = []
    for await (const subscription of records.each('subscription', [due])) {
      if (signal?.aborted === true) return steps
      batch.push(subscription)
      if (batch.length < subscriptionsAtOnce) continue
      steps += await stepAll(batch)
      batch = []
    }
    return batch.length === 0 ? steps : steps + (await stepAll(batch))
  }

  return async (signal) => {
    await noteDue()
    let steps = 0
    for (let turn = 0; turn < mostSteps; turn += 1) {
      const done = await pass(signal)
      steps += done
      if (done === 0) break
    }
    return { steps }
  }
}

/** Lets the queue do it every minute while there are subscriptions that time can change: once over all processes, under its lease. */
export function scheduleCarryOut(deps: {
  readonly records: Records
  readonly queue: JobQueue
  readonly carryOut: CarryOut
  readonly everyMinute: Recurrence
}): void {
  const { queue, records, carryOut, everyMinute } = deps
  queue.register(jobName, async ({ signal }) => accept(await carryOut(signal)))
  queue.recurring(async () => {
    const waiting = await records.list('subscription', {
      where: [{ field: 'due_at', op: 'gte', value: new Date(0).toISOString() }],
      limit: 1,
    })
    if (waiting.items.length === 0) return []
    return [{ schedule: 'billing carry_out', recurrence: everyMinute, name: jobName, payload: {} }]
  })
}
