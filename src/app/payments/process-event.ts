import { accept, type Outcome } from '#contract/outcome.ts'
import type { Rows } from '#contract/rows.gen.ts'
import { ownCall, timeText } from '../billing/dependencies.ts'
import type { PaymentDependencies } from './dependencies.ts'
import { localIdOf } from './dependencies.ts'
import type { FollowDispute } from './follow-dispute.ts'
import type { Followed, FollowPayment } from './follow-payment.ts'
import type { FollowSubscription } from './follow-subscription.ts'
import type { SyncMethods } from './sync-methods.ts'

/** Looks at a stored event; the same event again, or one that is gone, changes nothing. */
export type ProcessEvent = (id: string) => Promise<Outcome<unknown>>

const statuses: Readonly<Record<Followed, 'processed' | 'ignored' | 'flagged'>> = {
  settled: 'processed',
  changed: 'processed',
  unchanged: 'processed',
  unknown: 'ignored',
  flagged: 'flagged',
}

/** Who goes on with what an event is about. */
export interface Followers {
  readonly payment: FollowPayment
  readonly methods: SyncMethods
  readonly dispute: FollowDispute
  readonly subscription: FollowSubscription
}

/** An event says what to ask the provider for, and nothing else of it is believed. */
export function createProcessEvent(deps: PaymentDependencies, follow: Followers): ProcessEvent {
  const { records, clock, log } = deps

  /** A payment is contested, a customer keeps other cards than before, a subscription is kept there, or a payment goes on. */
  async function goOn(event: Rows['provider_event']): Promise<Outcome<Followed>> {
    const { provider, customer_id: customer, dispute_id: dispute, payment_id, checkout_id, reference } = event
    if (dispute !== null) return follow.dispute(provider, dispute)
    if (customer !== null) {
      const organizationId = await localIdOf(records, provider, 'organization', customer)
      if (organizationId === undefined) return accept('unknown')
      const synced = await follow.methods(provider, organizationId)
      return synced.ok ? accept('changed') : synced
    }
    if (event.subscription_id !== null && payment_id === null)
      return follow.subscription(provider, event.subscription_id)
    return follow.payment(provider, {
      ...(payment_id === null ? {} : { paymentId: payment_id }),
      ...(checkout_id === null ? {} : { checkoutId: checkout_id }),
      ...(reference === null ? {} : { reference }),
    })
  }

  return async (id) => {
    const event = await records.get('provider_event', id)
    if (event === undefined || event.status !== 'received') return accept(undefined)
    const followed = await goOn(event)
    if (!followed.ok) return followed
    const input = {
      status: statuses[followed.value],
      result: followed.value,
      processed_at: timeText(clock.now()),
    }
    const done = await deps.invoke(ownCall({ module: 'provider_event', action: 'conclude', id, input }))
    if (followed.value === 'settled' || followed.value === 'changed')
      // The mail waits for the next hourly run when it cannot be sent now.
      await deps
        .mail()
        .catch((error: unknown) => log.warn({ error }, 'mails of payments could not be sent; tried again'))
    return done
  }
}
