import type { DomainEvent } from '#contract/events.ts'
import { accept, type Outcome } from '#contract/outcome.ts'
import { ownCall } from '../billing/dependencies.ts'
import type { PaymentDependencies } from './dependencies.ts'
import type { FollowPayment } from './follow-payment.ts'

/** The job that looks at money that an operator has said is a payment of ours. */
export const claimJob = 'payments.claim'

/** Unknown money that was claimed: it is followed like any other, and a claim that was left is found by the hourly look. */
export interface Claims {
  /** Asks the provider and goes on by its answer; refuses where it could not be asked. */
  follow(id: string): Promise<Outcome<unknown>>
  queueAll(): Promise<void>
  /** Queues what a commit has claimed. */
  wake(events: readonly DomainEvent[]): Promise<void>
}

/** A claim says which payment it is about, and no more: amount and currency are compared as always. */
export function createClaims(deps: PaymentDependencies, follow: FollowPayment): Claims {
  const { records, queue, log } = deps

  async function enqueue(id: string): Promise<void> {
    const queued = await queue.enqueue({ name: claimJob, payload: { id }, dedupeKey: id })
    if (!queued.ok) log.warn({ id, reason: queued.message }, 'a claim could not be queued; tried again')
  }

  return {
    async follow(id) {
      const row = await records.get('unknown_payment', id)
      if (row === undefined || row.status !== 'claimed' || row.payment_id === null) return accept(undefined)
      const subject = { paymentId: row.external_id, reference: row.payment_id }
      const followed = await follow(row.provider, subject)
      if (!followed.ok) return followed
      const payment = await records.get('payment', row.payment_id)
      const end = payment?.status === 'succeeded' ? 'settled' : payment?.status
      const input = { status: end === 'settled' || end === 'flagged' ? end : 'found' }
      return deps.invoke(ownCall({ module: 'unknown_payment', action: 'conclude', id, input }))
    },
    async queueAll() {
      const where = [{ field: 'status', op: 'eq', value: 'claimed' }] as const
      for await (const { id } of records.each('unknown_payment', where)) await enqueue(id)
    },
    async wake(events) {
      for (const { module, record_id: id, data } of events)
        if (module === 'unknown_payment' && data['status'] === 'claimed') await enqueue(id)
    },
  }
}
