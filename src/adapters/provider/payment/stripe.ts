import type Stripe from 'stripe'
import { accept, refuse } from '#contract/outcome.ts'
import type { OpenProviderCode, ProviderActions } from '#ports/capability/provider.ts'
import { listedCurrencies } from './listed-currencies.ts'
import { openStripe } from './stripe-client.ts'
import { stripeCustomers, stripeSubscriptions } from './stripe-customers.ts'
import { stripePayments } from './stripe-payments.ts'

const toleranceSeconds = 300

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
  'customer.subscription.updated': 'payment.subscription_updated',
  'invoice.paid': 'payment.invoice_paid',
  'invoice.payment_failed': 'payment.payment_failed',
  'payment_intent.canceled': 'payment.payment_failed',
  'payment_intent.payment_failed': 'payment.payment_failed',
  'payment_intent.processing': 'payment.payment_processing',
  'payment_intent.succeeded': 'payment.payment_succeeded',
  'payment_method.attached': 'payment.methods_changed',
  'payment_method.automatically_updated': 'payment.methods_changed',
  'payment_method.detached': 'payment.methods_changed',
  'payment_method.updated': 'payment.methods_changed',
  'refund.created': 'payment.refunded',
  'refund.failed': 'payment.refunded',
  'refund.updated': 'payment.refunded',
}

/** What to ask Stripe for after an event. */
function subjectOf(object: Readonly<Record<string, unknown>>) {
  const { object: kind, id, payment_intent: intent, customer } = object
  if (kind === 'payment_intent' && typeof id === 'string') return { payment_id: id }
  if (kind === 'checkout.session' && typeof id === 'string') return { checkout_id: id }
  if ((kind === 'charge' || kind === 'refund') && typeof intent === 'string') return { payment_id: intent }
  if (kind === 'dispute' && typeof id === 'string') return { dispute_id: id }
  if (kind === 'payment_method' && typeof customer === 'string') return { customer_id: customer }
  return {}
}

/** Payments through Stripe, by its own library. */
export function createStripePayments(): OpenProviderCode<ProviderActions<'payment'>> {
  return (host) => {
    const { config, clock } = host
    const stripe = openStripe(host)
    const secret = typeof config['webhook_secret'] === 'string' ? config['webhook_secret'].trim() : ''
    return {
      actions: {
        ...listedCurrencies(config),
        ...stripeCustomers(stripe),
        ...stripeSubscriptions(stripe),
        ...stripePayments(stripe),
        async handle_webhook({ raw, headers }) {
          // Anybody can sign with an empty secret.
          if (secret === '')
            return refuse('service_unavailable', 'payment.stripe.webhook_secret is not set', {
              reason: 'not_configured',
            })
          const given = (headers as Readonly<Record<string, unknown>> | undefined)?.['stripe-signature']
          const signature = typeof given === 'string' ? given : ''
          let event: Stripe.Event
          try {
            event = stripe.webhooks.constructEvent(
              raw ?? '',
              signature,
              secret,
              toleranceSeconds,
              undefined,
              clock.now(),
            )
          } catch {
            return refuse('invalid_signature', 'The webhook has no signature that matches and is fresh')
          }
          const meaning = meanings[event.type]
          const object = event.data.object as unknown as Readonly<Record<string, unknown>>
          return accept({
            event_id: event.id,
            event_type: meaning ?? event.type,
            processed: meaning !== undefined,
            ...subjectOf(object),
            data: object,
          })
        },
      },
      async test() {
        await stripe.balance.retrieve()
        return accept(undefined)
      },
    }
  }
}
