import { accept } from '#contract/outcome.ts'
import type { OpenProviderCode, ProviderActions } from '#ports/capability/provider.ts'
import { listedCurrencies } from './listed-currencies.ts'
import { createCallPaystack } from './paystack-client.ts'
import { paystackCustomers } from './paystack-customers.ts'
import { readPaystackEvent } from './paystack-events.ts'
import { paystackPayments } from './paystack-payments.ts'
import { paystackSubscriptions } from './paystack-subscriptions.ts'
import { textOf } from './service-call.ts'
import { isHmac, signedWebhook } from './signed-webhook.ts'

/** Payments through Paystack, over plain HTTP. */
export function createPaystackPayments(): OpenProviderCode<ProviderActions<'payment'>> {
  return (host) => {
    const call = createCallPaystack(host)
    const secret = textOf(host.config['secret_key'])
    return {
      actions: {
        ...listedCurrencies(host.config),
        ...paystackCustomers(call),
        ...paystackPayments(call),
        ...paystackSubscriptions(call),
        ...signedWebhook({
          setting: 'payment.paystack.secret_key',
          secret,
          header: 'x-paystack-signature',
          isSigned: (raw, given) => isHmac('sha512', secret, raw, given),
          read: readPaystackEvent,
        }),
      },
      async test() {
        const balance = await call('GET', '/balance')
        return balance.ok ? accept(undefined) : balance
      },
    }
  }
}
