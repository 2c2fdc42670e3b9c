import { expect, it } from 'vitest'
import { signWebhook } from '#adapters/provider/payment/dummy-signature.ts'
import { providerHouse } from '#test/support/provider-house.ts'
import { paymentConformance } from './payment.ts'

const secret = 'whsec_of-the-dummy'

paymentConformance('dummy', async () => {
  const opened = await providerHouse({ env: { PAYMENT_PROVIDER: 'dummy' } })
  const { house, clock } = opened
  await opened.set('payment.dummy.webhook_secret', secret)
  return {
    capabilities: house.providers.capabilities,
    emails: { good: 'ada@example.com', declined: 'decline@example.com' },
    async price() {
      const wish = { name: 'Starter', amount: 1_000, currency: 'usd', interval: 'month' } as const
      const made = await house.providers.capabilities.capability('payment').create_price(wish)
      if (!made.ok) throw new Error(made.message)
      return made.value.price_id
    },
    async webhook(type) {
      const raw = JSON.stringify({ id: 'evt_1', type, data: { amount: 5 } })
      return { raw, headers: { 'dummy-signature': signWebhook(secret, raw, clock.now()) } }
    },
    pass: clock.advance,
  }
})

it('what the dummy was paid survives a restart, and the same key is still the same payment', async () => {
  const first = await providerHouse({ env: { PAYMENT_PROVIDER: 'dummy' } })
  const pay = async (house: typeof first.house) => {
    const payment = house.providers.capabilities.capability('payment')
    const customer = await payment.create_customer({ email: 'a@example.com', idempotency_key: 'c' })
    if (!customer.ok) throw new Error(customer.message)
    const { customer_id } = customer.value
    return payment.create_payment({ customer_id, amount: 5, currency: 'usd', idempotency_key: 'k' })
  }
  const paid = await pay(first.house)
  await first.close()
  const { dataDirectory } = first
  const second = await providerHouse({ env: { PAYMENT_PROVIDER: 'dummy' }, dataDirectory })
  expect(await pay(second.house)).toEqual(paid)
})
