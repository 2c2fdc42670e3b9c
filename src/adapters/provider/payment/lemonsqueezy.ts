import { accept } from '#contract/outcome.ts'
import type { OpenProviderCode, ProviderActions } from '#ports/capability/provider.ts'
import type { Invoke } from '#ports/invoke.ts'
import type { Records } from '#ports/records.ts'
import { createCallLemon, lemonPath } from './lemonsqueezy-client.ts'
import { lemonCustomers } from './lemonsqueezy-customers.ts'
import { readLemonEvent } from './lemonsqueezy-events.ts'
import { lemonPayments } from './lemonsqueezy-payments.ts'
import { createOneAtATime } from './one-at-a-time.ts'
import { textOf } from './service-call.ts'
import { isHmac, signedWebhook } from './signed-webhook.ts'

/** Payments through Lemon Squeezy, over plain HTTP; it sells in its own name, adds the taxes of the customer's country and pays them. */
export function createLemonPayments({
  records,
  invoke,
}: {
  readonly records: Records
  readonly invoke: Invoke
}): OpenProviderCode<ProviderActions<'payment'>> {
  return (host) => {
    const { config, clock, ids } = host
    const call = createCallLemon(host)
    const oneAtATime = createOneAtATime()
    const secret = textOf(config['webhook_secret'])
    const shop = {
      storeId: textOf(config['store_id']),
      variantId: textOf(config['variant_id']),
      isTest: config['test_mode'] === true,
      now: () => clock.now(),
    }
    return {
      actions: {
        ...lemonCustomers(call, shop.storeId, oneAtATime),
        ...lemonPayments(call, shop, oneAtATime, { records, invoke, ids }),
        ...signedWebhook({
          setting: 'payment.lemonsqueezy.webhook_secret',
          secret,
          header: 'x-signature',
          isSigned: (raw, given) => isHmac('sha256', secret, raw, given),
          read: readLemonEvent,
        }),
      },
      async test() {
        const store = await call('GET', lemonPath('stores', shop.storeId))
        return store.ok ? accept(undefined) : store
      },
    }
  }
}
