import { systemActor } from '#contract/actor.ts'
import { accept } from '#contract/outcome.ts'
import type { JobQueue } from '#ports/capability/job-queue.ts'
import type { Clock } from '#ports/clock.ts'
import type { Ids } from '#ports/ids.ts'
import type { Invoke } from '#ports/invoke.ts'
import type { Log } from '#ports/log.ts'
import type { Records } from '#ports/records.ts'
import type { Recurrence } from '#ports/recurrence.ts'

/** Does what time has brought to subscriptions: ends, ends of trials, next periods with the plans that were to come with them. */
export type CarryOut = (signal?: AbortSignal) => Promise<{ readonly steps: number }>

const jobName = 'billing.carry_out'
// Time that was missed is one step each for a trial, a period and an end.
const mostSteps = 10
const openStatuses = ['trialing', 'active', 'past_due', 'paused', 'cancelled']

/**
 * Every step is one transaction that looks at the subscription again, so that running it twice, or twice at once, changes nothing, and
 * what was missed while nobody ran is done at its own time.
 */
export function createCarryOut(deps: {
  readonly records: Records
  readonly invoke: Invoke
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
}): CarryOut {
  const { records, invoke, clock, ids, log } = deps

  async function carryOut(id: string): Promise<number> {
    for (let step = 0; step < mostSteps; step += 1) {
      const row = await records.get('subscription', id)
      const at = row?.due_at ?? null
      if (at === null || Date.parse(at) > clock.now()) return step
      const done = await invoke({
        module: 'subscription',
        action: 'carry_out',
        id,
        input: { at },
        actor: systemActor,
        requestId: ids.next('req'),
      })
      if (done.ok) continue
      // Somebody else has done it, or it needs a look.
      if (done.code !== 'illegal_transition')
        log.error(
          { subscription: id, reason: done.message },
          'what is due for a subscription could not be done',
        )
      return step
    }
    return mostSteps
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

  return async (signal) => {
    const now = new Date(clock.now()).toISOString()
    await noteDue()
    let steps = 0
    for await (const { id } of records.each('subscription', [{ field: 'due_at', op: 'lte', value: now }])) {
      if (signal?.aborted === true) break
      steps += await carryOut(id)
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
