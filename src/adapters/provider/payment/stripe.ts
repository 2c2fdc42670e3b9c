import { accept } from '#contract/outcome.ts'
import type { OpenProviderCode, ProviderActions } from '#ports/capability/provider.ts'
import { listedCurrencies } from './listed-currencies.ts'
import { textOf } from './service-call.ts'
import { signedWebhook } from './signed-webhook.ts'
import { atStripe, openStripe } from './stripe-client.ts'
import { stripeCustomers, stripeSubscriptions } from './stripe-customers.ts'
import { readStripeEvent } from './stripe-events.ts'
import { stripePayments } from './stripe-payments.ts'

const toleranceSeconds = 300

/** Payments through Stripe, by its own library. */
export function createStripePayments(): OpenProviderCode<ProviderActions<'payment'>> {
  return (host) => {
    const { config, clock } = host
    const stripe = openStripe(host)
    const secret = textOf(config['webhook_secret'])
    function isSigned(raw: string, signature: string): boolean {
      try {
        stripe.webhooks.constructEvent(raw, signature, secret, toleranceSeconds, undefined, clock.now())
        return true
      } catch {
        return false
      }
    }
    return {
      actions: {
        ...listedCurrencies(config),
        ...stripeCustomers(stripe),
        ...stripeSubscriptions(stripe),
        ...stripePayments(stripe),
        ...signedWebhook({
          setting: 'payment.stripe.webhook_secret',
          secret,
          header: 'stripe-signature',
          isSigned,
          read: readStripeEvent,
        }),
      },
      test: () =>
        atStripe(async () => {
          await stripe.balance.retrieve({}, { maxNetworkRetries: 0 })
          return accept(undefined)
        }),
    }
  }
}
