import { type Values, valuesIn } from './service-call.ts'
import { idOfBytes, type ReadMessage, type WebhookSubject } from './signed-webhook.ts'

/** What Lemon Squeezy's events are to us; of the others nothing follows. */
const meanings: Readonly<Record<string, string>> = {
  order_created: 'payment.payment_succeeded',
  order_refunded: 'payment.refunded',
  subscription_cancelled: 'payment.subscription_cancelled',
  subscription_created: 'payment.subscription_created',
  subscription_expired: 'payment.subscription_cancelled',
  subscription_paused: 'payment.subscription_updated',
  subscription_payment_failed: 'payment.payment_failed',
  subscription_payment_recovered: 'payment.invoice_paid',
  subscription_payment_refunded: 'payment.refunded',
  subscription_payment_success: 'payment.invoice_paid',
  subscription_resumed: 'payment.subscription_updated',
  subscription_unpaused: 'payment.subscription_updated',
  subscription_updated: 'payment.subscription_updated',
}

/** What to ask Lemon Squeezy for after an event, and what we gave along on the page: the order itself does not say. */
function subjectOf({ type, id, attributes }: Values, { reference }: Values): WebhookSubject {
  if (typeof id !== 'string') return {}
  if (type === 'subscriptions') return { subscription_id: id }
  if (type === 'subscription-invoices')
    return { subscription_id: String(valuesIn(attributes)['subscription_id'] ?? '') }
  if (type !== 'orders') return {}
  const isReference = typeof reference === 'string' && reference !== '' && reference.length <= 200
  return { payment_id: id, ...(isReference ? { reference } : {}) }
}

/** Reads a message of Lemon Squeezy, which numbers none. */
export function readLemonEvent({ meta, data }: Values, raw: string): ReadMessage | undefined {
  const { event_name: type, custom_data: custom } = valuesIn(meta)
  if (typeof type !== 'string' || typeof data !== 'object' || data === null) return undefined
  const about = valuesIn(data)
  const subject = subjectOf(about, valuesIn(custom))
  return { id: idOfBytes(raw), type, meaning: meanings[type], subject, data: about }
}
