import type { DomainEvent } from '#contract/events.ts'
import { payableStatuses } from '#domain/billing/invoice-status.ts'
import type { JobSchedule } from '#ports/capability/job-queue.ts'
import type { Condition } from '#ports/records.ts'
import type { Recurrence } from '#ports/recurrence.ts'
import { timeText } from '../billing/dependencies.ts'
import { refundJob } from './carry-out-refund.ts'
import { chargeJob } from './charge-invoice.ts'
import type { PaymentDependencies } from './dependencies.ts'
import { detachJob, methodsJob } from './sync-methods.ts'

/** The job that looks for what of payments is due. */
export const sweepJob = 'payments.due'
/** The job that sends the mails that payments owe. */
export const mailJob = 'payments.mail'

/** What is due of payments stands in their records; this brings it to the queue, so that what a crash has left is done, too. */
export interface PaymentSweep {
  /** Puts a job on the queue for everything that is due now; one that waits there already is not added. */
  run(): Promise<{ readonly queued: number }>
  /** The sweep of every minute, while there is something that it may find. */
  schedules(): Promise<readonly JobSchedule[]>
  /** Does at once what a commit has made due. */
  wake(events: readonly DomainEvent[]): Promise<void>
}

type DueModule = 'dispute' | 'invoice' | 'payment' | 'payment_method' | 'refund' | 'subscription'
interface Duty {
  readonly module: DueModule
  readonly job: string
  /** What a record is that may be due one day. */
  readonly where: readonly Condition[]
  /** The field that says when; at once where there is none. */
  readonly at?: string
}

const isTrue = (field: string): readonly Condition[] => [{ field, op: 'eq', value: true }]

const duties: readonly Duty[] = [
  {
    module: 'invoice',
    job: chargeJob,
    where: [{ field: 'status', op: 'in', value: [...payableStatuses] }],
    at: 'collect_at',
  },
  {
    module: 'refund',
    job: refundJob,
    where: [{ field: 'status', op: 'eq', value: 'requested' }],
    at: 'ask_at',
  },
  { module: 'payment', job: methodsJob, where: isTrue('save_due') },
  { module: 'payment_method', job: detachJob, where: isTrue('detach_due') },
  { module: 'payment', job: mailJob, where: isTrue('mail_due') },
  { module: 'refund', job: mailJob, where: isTrue('mail_due') },
  { module: 'dispute', job: mailJob, where: isTrue('notice_due') },
  { module: 'subscription', job: mailJob, where: isTrue('mail_due') },
]

/** What commits make due at once: by the type of the event. */
const woken: Readonly<Record<string, (data: DomainEvent['data']) => readonly string[]>> = {
  'dispute.close': () => [mailJob],
  'dispute.created': () => [mailJob],
  'invoice.finalize': ({ collect_at }) => (collect_at === null ? [] : [chargeJob]),
  'invoice.plan_collection': ({ collect_failures, collect_at }) =>
    collect_at !== null && collect_failures === 0 ? [chargeJob] : [],
  'payment.follow': ({ status }) =>
    status === 'succeeded' ? [methodsJob] : status === 'failed' ? [mailJob] : [],
  'payment_method.remove': () => [detachJob],
  'refund.created': ({ status }) => (status === 'requested' ? [refundJob] : [mailJob]),
  'subscription.carry_out': ({ restricted_at }) => (restricted_at === null ? [] : [mailJob]),
}

/** True for commits that may make something due. */
export const mayWake = (events: readonly DomainEvent[]): boolean =>
  events.some(({ type }) => Object.hasOwn(woken, type))

/** Makes it. */
export function createPaymentSweep(
  { records, queue, clock, log }: Pick<PaymentDependencies, 'records' | 'queue' | 'clock' | 'log'>,
  everyMinute: Recurrence,
): PaymentSweep {
  async function enqueue(name: string, record: string): Promise<number> {
    // One job sends all the mails.
    const id = name === mailJob ? 'all' : record
    const queued = await queue.enqueue({ name, payload: { id }, dedupeKey: id })
    if (!queued.ok)
      log.warn({ job: name, id, reason: queued.message }, 'a job could not be queued; tried again')
    return queued.ok && !queued.value.isDuplicate ? 1 : 0
  }

  const dueOf = ({ where, at }: Duty, untilMs: number): readonly Condition[] =>
    at === undefined
      ? where
      : [
          ...where,
          { field: at, op: 'gt', value: timeText(0) },
          { field: at, op: 'lte', value: timeText(untilMs) },
        ]

  return {
    async run() {
      let queued = 0
      for (const duty of duties)
        for await (const { id } of records.each(duty.module, dueOf(duty, clock.now())))
          queued += await enqueue(duty.job, id)
      return { queued }
    },
    async schedules() {
      for (const duty of duties) {
        const { items } = await records.list(duty.module, { where: dueOf(duty, lastMs), limit: 1 })
        if (items.length > 0)
          return [{ schedule: sweepJob, recurrence: everyMinute, name: sweepJob, payload: {} }]
      }
      return []
    },
    async wake(events) {
      for (const { type, record_id: id, data } of events)
        for (const job of woken[type]?.(data) ?? []) await enqueue(job, id)
    },
  }
}

/** Later than anything that is planned. */
const lastMs = Date.UTC(9999, 0, 1)
