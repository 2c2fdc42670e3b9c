import { type Values, valuesIn } from './service-call.ts'
import { idOfBytes, type ReadMessage, type WebhookSubject } from './signed-webhook.ts'

/** What Paystack's events are to us; of the others nothing follows. */
const meanings: Readonly<Record<string, string>> = {
  'charge.dispute.create': 'payment.disputed',
  'charge.dispute.remind': 'payment.disputed',
  'charge.dispute.resolve': 'payment.disputed',
  'charge.failed': 'payment.payment_failed',
  'charge.success': 'payment.payment_succeeded',
  'invoice.payment_failed': 'payment.payment_failed',
  'invoice.update': 'payment.invoice_paid',
  'refund.failed': 'payment.refunded',
  'refund.needs-attention': 'payment.refunded',
  'refund.pending': 'payment.refunded',
  'refund.processed': 'payment.refunded',
  'refund.processing': 'payment.refunded',
  'subscription.create': 'payment.subscription_created',
  'subscription.disable': 'payment.subscription_cancelled',
  'subscription.not_renew': 'payment.subscription_updated',
}

/** What to ask Paystack for after an event. */
function subjectOf(type: string, data: Values): WebhookSubject {
  if (type.startsWith('charge.dispute')) return { dispute_id: String(data['id']) }
  const [reference, code] = type.startsWith('invoice')
    ? [valuesIn(data['transaction'])['reference'], valuesIn(data['subscription'])['subscription_code']]
    : type.startsWith('refund')
      ? [data['transaction_reference'], undefined]
      : [data['reference'], data['subscription_code']]
  return {
    ...(typeof reference === 'string' ? { payment_id: reference } : {}),
    ...(typeof code === 'string' ? { subscription_id: code } : {}),
  }
}

/** Reads a message of Paystack, which numbers none. */
export function readPaystackEvent({ event: type, data }: Values, raw: string): ReadMessage | undefined {
  if (typeof type !== 'string' || typeof data !== 'object' || data === null) return undefined
  const about = valuesIn(data)
  return { id: idOfBytes(raw), type, meaning: meanings[type], subject: subjectOf(type, about), data: about }
}
