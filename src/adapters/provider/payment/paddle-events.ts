import { type Values, valuesIn } from './service-call.ts'
import type { ReadMessage, WebhookSubject } from './signed-webhook.ts'

/** What Paddle's events are to us; of the others nothing follows. */
const meanings: Readonly<Record<string, string>> = {
  'subscription.activated': 'payment.subscription_updated',
  'subscription.canceled': 'payment.subscription_cancelled',
  'subscription.created': 'payment.subscription_created',
  'subscription.imported': 'payment.subscription_created',
  'subscription.past_due': 'payment.subscription_updated',
  'subscription.paused': 'payment.subscription_updated',
  'subscription.resumed': 'payment.subscription_updated',
  'subscription.trialing': 'payment.subscription_updated',
  'subscription.updated': 'payment.subscription_updated',
  'transaction.canceled': 'payment.payment_failed',
  'transaction.completed': 'payment.payment_succeeded',
  'transaction.paid': 'payment.payment_succeeded',
  'transaction.past_due': 'payment.payment_failed',
  'transaction.payment_failed': 'payment.payment_failed',
}

/** What an adjustment is about; credits are of invoices that Paddle collects itself. */
const adjusted: Readonly<Record<string, string>> = {
  chargeback: 'payment.disputed',
  chargeback_reverse: 'payment.disputed',
  chargeback_warning: 'payment.disputed',
  chargeback_warning_reverse: 'payment.disputed',
  refund: 'payment.refunded',
}

function meaningOf(type: string, { action, origin }: Values): string | undefined {
  if (type.startsWith('adjustment.')) return adjusted[String(action)]
  // What a subscription of Paddle's is charged at its renewal was asked for by Paddle, not by us.
  const isRenewal = origin === 'subscription_recurring' && meanings[type] === 'payment.payment_succeeded'
  return isRenewal ? 'payment.invoice_paid' : meanings[type]
}

/** What to ask Paddle for after an event. */
function subjectOf(
  type: string,
  { id, transaction_id: transaction }: Values,
  meaning: string | undefined,
): WebhookSubject {
  if (typeof id !== 'string') return {}
  if (type.startsWith('transaction.')) return { checkout_id: id }
  if (type.startsWith('subscription.')) return { subscription_id: id }
  if (meaning === 'payment.disputed') return { dispute_id: id }
  return type.startsWith('adjustment.') && typeof transaction === 'string' ? { payment_id: transaction } : {}
}

/** Reads a message of Paddle. */
export function readPaddleEvent({ event_id: id, event_type: type, data }: Values): ReadMessage | undefined {
  if (typeof id !== 'string' || typeof type !== 'string' || typeof data !== 'object' || data === null)
    return undefined
  const about = valuesIn(data)
  const meaning = meaningOf(type, about)
  return { id, type, meaning, subject: subjectOf(type, about, meaning), data: about }
}
