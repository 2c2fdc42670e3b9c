import type { Customer, Subscription, TaxCategory } from '@paddle/paddle-node-sdk'
import { accept } from '#contract/outcome.ts'
import type { ProviderActions } from '#ports/capability/provider.ts'
import type { OneAtATime } from './one-at-a-time.ts'
import type { PaddleApi } from './paddle-client.ts'

const mostPrices = 1_000

function statusOf({ status, scheduledChange }: Subscription): string {
  if (status === 'canceled') return 'ended'
  return scheduledChange?.action === 'cancel' ? 'cancelled' : status
}

/** Customers, prices, and the subscriptions that Paddle starts on its own pages. */
export function paddleCustomers(
  paddle: PaddleApi,
  taxCategory: TaxCategory,
  oneAtATime: OneAtATime,
): ProviderActions<'payment'> {
  async function customerBy(email: string): Promise<Customer | undefined> {
    const [found] = await paddle.customers.list({ email: [email], perPage: 1 }).next()
    return found
  }

  async function priceMadeFor(key: string): Promise<string | undefined> {
    let looked = 0
    for await (const { id, customData } of paddle.prices.list({
      perPage: 100,
      status: ['active', 'archived'],
    })) {
      if (customData?.['key'] === key) return id
      looked += 1
      if (looked >= mostPrices) return undefined
    }
    return undefined
  }

  return {
    // The same address is the same customer at Paddle.
    create_customer: ({ email, name }) =>
      paddle.do(() =>
        oneAtATime(`customer ${email}`, async () => {
          const known = await customerBy(email)
          const customer = known ?? (await paddle.customers.create({ email, name: name ?? null }))
          return accept({ customer_id: customer.id })
        }),
      ),
    create_price: ({ name, amount, currency, interval, idempotency_key: key }) =>
      paddle.do(() =>
        oneAtATime('price', async () => {
          const known = key ? await priceMadeFor(key) : undefined
          if (known !== undefined) return accept({ price_id: known })
          const product = await paddle.products.create({ name, taxCategory })
          const price = await paddle.prices.create({
            productId: product.id,
            name,
            description: name,
            unitPrice: { amount: String(amount), currencyCode: currency.toUpperCase() as 'USD' },
            billingCycle: { interval: interval ?? 'month', frequency: 1 },
            taxMode: 'external',
            quantity: { minimum: 1, maximum: 1 },
            ...(key ? { customData: { key } } : {}),
          })
          return accept({ price_id: price.id })
        }),
      ),
    set_price: ({ price_id: id, active }) =>
      paddle.do(async () => {
        const price = await paddle.prices.update(id, { status: active ? 'active' : 'archived' })
        return accept({ price_id: price.id })
      }),
    create_portal_link: ({ customer_id: customerId }) =>
      paddle.do(async () => {
        const { urls } = await paddle.portals.create(customerId, [])
        return accept({ url: urls.general.overview })
      }),
    change_subscription: ({ subscription_id: id, price_id: priceId }) =>
      paddle.do(async () => {
        const changed = await paddle.subscriptions.update(id, {
          items: [{ priceId, quantity: 1 }],
          prorationBillingMode: 'prorated_next_billing_period',
        })
        return accept({ subscription_id: changed.id, status: statusOf(changed) })
      }),
    cancel_subscription: ({ subscription_id: id, at_period_end: atEnd }) =>
      paddle.do(async () => {
        const effectiveFrom = atEnd === false ? 'immediately' : 'next_billing_period'
        const cancelled = await paddle.subscriptions.cancel(id, { effectiveFrom })
        return accept({ subscription_id: cancelled.id, status: statusOf(cancelled) })
      }),
    get_subscription: ({ subscription_id: id }) =>
      paddle.do(async () => {
        const found = await paddle.subscriptions.get(id)
        return accept({
          subscription_id: found.id,
          customer_id: found.customerId,
          price_id: found.items[0]?.price.id ?? '',
          status: statusOf(found),
        })
      }),
  }
}
