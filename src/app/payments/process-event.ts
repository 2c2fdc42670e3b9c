import { accept, type Outcome } from '#contract/outcome.ts'
import { ownCall, timeText } from '../billing/dependencies.ts'
import type { PaymentDependencies } from './dependencies.ts'
import type { Followed, FollowPayment } from './follow-payment.ts'

/** Looks at a stored event; the same event again, or one that is gone, changes nothing. */
export type ProcessEvent = (id: string) => Promise<Outcome<unknown>>

const statuses: Readonly<Record<Followed, 'processed' | 'ignored' | 'flagged'>> = {
  settled: 'processed',
  changed: 'processed',
  unchanged: 'processed',
  unknown: 'ignored',
  flagged: 'flagged',
}

/** An event says what to ask the provider for, and nothing else of it is believed. */
export function createProcessEvent(deps: PaymentDependencies, follow: FollowPayment): ProcessEvent {
  const { records, clock, log } = deps
  return async (id) => {
    const event = await records.get('provider_event', id)
    if (event === undefined || event.status !== 'received') return accept(undefined)
    const followed = await follow(event.provider, {
      ...(event.payment_id === null ? {} : { paymentId: event.payment_id }),
      ...(event.checkout_id === null ? {} : { checkoutId: event.checkout_id }),
      ...(event.reference === null ? {} : { reference: event.reference }),
    })
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
