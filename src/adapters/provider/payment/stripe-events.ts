import { type Values, valuesIn } from './service-call.ts'
import type { ReadMessage, WebhookSubject } from './signed-webhook.ts'

/** What Stripe's events are to us; of the others nothing follows. */
const meanings: Readonly<Record<string, string>> = {
  'charge.dispute.closed': 'payment.disputed',
  'charge.dispute.created': 'payment.disputed',
  'charge.dispute.funds_reinstated': 'payment.disputed',
  'charge.dispute.funds_withdrawn': 'payment.disputed',
  'charge.dispute.updated': 'payment.disputed',
  'charge.refund.updated': 'payment.refunded',
  'charge.refunded': 'payment.refunded',
  'checkout.session.async_payment_failed': 'payment.payment_failed',
  'checkout.session.async_payment_succeeded': 'payment.payment_succeeded',
  'checkout.session.completed': 'payment.payment_succeeded',
  'checkout.session.expired': 'payment.payment_failed',
  'customer.subscription.created': 'payment.subscription_created',
  'customer.subscription.deleted': 'payment.subscription_cancelled',
  'customer.subscription.paused': 'payment.subscription_updated',
  'customer.subscription.resumed': 'payment.subscription_updated',
  'customer.subscription.updated': 'payment.subscription_updated',
  'invoice.paid': 'payment.invoice_paid',
  'invoice.payment_failed': 'payment.payment_failed',
  'payment_intent.canceled': 'payment.payment_failed',
  'payment_intent.payment_failed': 'payment.payment_failed',
  'payment_intent.processing': 'payment.payment_processing',
  'payment_intent.requires_action': 'payment.payment_processing',
  'payment_intent.succeeded': 'payment.payment_succeeded',
  'payment_method.attached': 'payment.methods_changed',
  'payment_method.automatically_updated': 'payment.methods_changed',
  'payment_method.detached': 'payment.methods_changed',
  'payment_method.updated': 'payment.methods_changed',
  'refund.created': 'payment.refunded',
  'refund.failed': 'payment.refunded',
  'refund.updated': 'payment.refunded',
}

/** A page on which a card is left, and nothing is paid. */
const isSetup = ({ object: kind, mode }: Values): boolean => kind === 'checkout.session' && mode === 'setup'

/** What to ask Stripe for after an event. */
function subjectOf(object: Values): WebhookSubject {
  const { object: kind, id, payment_intent: intent, customer } = object
  if (isSetup(object)) return typeof customer === 'string' ? { customer_id: customer } : {}
  if (kind === 'payment_intent' && typeof id === 'string') return { payment_id: id }
  if (kind === 'checkout.session' && typeof id === 'string') return { checkout_id: id }
  if ((kind === 'charge' || kind === 'refund') && typeof intent === 'string') return { payment_id: intent }
  if (kind === 'dispute' && typeof id === 'string') return { dispute_id: id }
  if (kind === 'payment_method' && typeof customer === 'string') return { customer_id: customer }
  if (kind === 'subscription' && typeof id === 'string') return { subscription_id: id }
  return kind === 'invoice' ? ofInvoice(object) : {}
}

/** An invoice that Stripe wrote itself: newer versions of its API say less of the payment, and the subscription elsewhere. */
function ofInvoice({ payment_intent: intent, subscription, parent }: Values): WebhookSubject {
  if (typeof intent === 'string') return { payment_id: intent }
  const id = subscription ?? valuesIn(valuesIn(parent)['subscription_details'])['subscription']
  return typeof id === 'string' ? { subscription_id: id } : {}
}

/** Reads an event of Stripe. */
export function readStripeEvent({ id, type, data }: Values): ReadMessage | undefined {
  const { object } = valuesIn(data)
  if (typeof id !== 'string' || typeof type !== 'string' || typeof object !== 'object' || object === null)
    return undefined
  const about = valuesIn(object)
  const meaning = isSetup(about) ? 'payment.methods_changed' : meanings[type]
  return { id, type, meaning, subject: subjectOf(about), data: about }
}
