import type { DomainEvent } from '#contract/events.ts'
import type { JobSchedule } from '#ports/capability/job-queue.ts'
import type { Recurrence } from '#ports/recurrence.ts'
import { timeText } from '../billing/dependencies.ts'
import { refundJob } from './carry-out-refund.ts'
import type { PaymentDependencies } from './dependencies.ts'

/** The job that looks for what of payments is due. */
export const sweepJob = 'payments.due'

/** What is due of payments stands in their records; this brings it to the queue, so that what a crash has left is done, too. */
export interface PaymentSweep {
  /** Puts a job on the queue for everything that is due now; one that waits there already is not added. */
  run(): Promise<{ readonly queued: number }>
  /** The sweep of every minute, while there is something that it may find. */
  schedules(): Promise<readonly JobSchedule[]>
  /** Does at once what a commit has made due. */
  wake(events: readonly DomainEvent[]): Promise<void>
}

/** Makes it. */
export function createPaymentSweep(
  { records, queue, clock, log }: Pick<PaymentDependencies, 'records' | 'queue' | 'clock' | 'log'>,
  everyMinute: Recurrence,
): PaymentSweep {
  const asked = { field: 'status', op: 'eq', value: 'requested' } as const

  async function enqueue(name: string, id: string): Promise<number> {
    const queued = await queue.enqueue({ name, payload: { id }, dedupeKey: id })
    if (!queued.ok)
      log.warn({ job: name, id, reason: queued.message }, 'a job could not be queued; tried again')
    return queued.ok && !queued.value.isDuplicate ? 1 : 0
  }

  return {
    async run() {
      let queued = 0
      const now = timeText(clock.now())
      for await (const { id } of records.each('refund', [asked, { field: 'ask_at', op: 'lte', value: now }]))
        queued += await enqueue(refundJob, id)
      return { queued }
    },
    async schedules() {
      const { items } = await records.list('refund', { where: [asked], limit: 1 })
      if (items.length === 0) return []
      return [{ schedule: sweepJob, recurrence: everyMinute, name: sweepJob, payload: {} }]
    },
    async wake(events) {
      for (const { type, record_id: id, data } of events)
        if (type === 'refund.created' && data['status'] === 'requested') await enqueue(refundJob, id)
    },
  }
}
