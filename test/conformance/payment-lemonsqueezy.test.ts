import { expect, it } from 'vitest'
import { lemonKey, lemonSecret, lemonSignature, startLemon } from '#test/support/lemon-double.ts'
import { lemonStoreId, lemonVariants } from '#test/support/lemon-store.ts'
import { providerHouse } from '#test/support/provider-house.ts'
import { paymentConformance } from './payment.ts'

const env = {
  PAYMENT_PROVIDER: 'lemonsqueezy',
  LEMON_API_KEY: lemonKey,
  LEMON_STORE_ID: lemonStoreId,
  LEMON_VARIANT_ID: lemonVariants.invoices,
}

async function open(secret: string | undefined = lemonSecret, dataDirectory?: string) {
  const opened = await providerHouse({ env, ...(dataDirectory === undefined ? {} : { dataDirectory }) })
  const lemon = await startLemon(opened.clock)
  await opened.set('payment.lemonsqueezy.base_url', lemon.url)
  await opened.set('payment.lemonsqueezy.allow_private', 'true')
  if (secret !== undefined) await opened.set('payment.lemonsqueezy.webhook_secret', secret)
  return { ...opened, lemon, payment: opened.house.providers.capabilities.capability('payment') }
}

type Opened = Awaited<ReturnType<typeof open>>

async function ask({ payment }: Opened, amount: number, currency = 'usd') {
  const customer = await payment.create_customer({ email: 'ada@example.com' })
  return payment.create_checkout({
    customer_id: customer.ok ? customer.value.customer_id : '',
    amount,
    currency,
    reference: 'pay_1',
    success_url: 'https://portal.example.com/done',
    cancel_url: 'https://portal.example.com',
    idempotency_key: `k${amount}`,
  })
}

async function paidOrder(opened: Opened, amount: number): Promise<string> {
  const made = await ask(opened, amount)
  if (!made.ok) throw new Error(made.message)
  return opened.lemon.pay(made.value.checkout_id)
}

paymentConformance('lemonsqueezy', async () => {
  const { house, clock, lemon } = await open()
  const prices: string[] = [...lemonVariants.subscriptions]
  return {
    capabilities: house.providers.capabilities,
    emails: { good: 'ada@example.com', declined: 'decline@example.com' },
    loseAnswer: lemon.loseAnswer,
    cannot: ['date_signatures', 'end_subscription_now'],
    customer: {
      pay: async (checkoutId) => lemon.pay(checkoutId),
      subscription: async (checkoutId) => {
        lemon.pay(checkoutId)
        return lemon.subscriptionOf(checkoutId)
      },
    },
    // Variants are made by people, in the dashboard.
    price: async () => prices.shift() ?? '',
    async webhook(type) {
      const isKnown = type === 'payment.invoice_paid'
      lemon.tell(isKnown ? 'subscription_payment_success' : type, { type: 'subscription-invoices', id: '1' })
      const raw = lemon.messages.at(-1)?.raw ?? ''
      return { raw, headers: { 'x-signature': lemonSignature(raw) } }
    },
    pass: clock.advance,
  }
})

it('Lemon Squeezy with an empty secret, or none, believes no webhook, also one that is signed with it', async () => {
  for (const secret of [undefined, ' ']) {
    const { payment } = await open(secret)
    const raw = JSON.stringify({ meta: { event_name: 'order_created' }, data: { type: 'orders', id: '1' } })
    for (const empty of ['', ' ']) {
      const headers = { 'x-signature': lemonSignature(raw, empty) }
      expect(await payment.handle_webhook({ payload: {}, raw, headers })).toMatchObject({ ok: false })
    }
  }
})

it('a message about an order says which of our payments it is: the order itself does not', async () => {
  const opened = await open()
  const id = await paidOrder(opened, 6_000)
  const { raw } = opened.lemon.message('order_created')
  const headers = { 'x-signature': lemonSignature(raw) }
  expect(await opened.payment.handle_webhook({ payload: {}, raw, headers })).toMatchObject({
    value: { event_type: 'payment.payment_succeeded', payment_id: id, reference: 'pay_1' },
  })
})

it('what was paid is what was asked for, whatever taxes stood on top, and is given back with their part of the taxes', async () => {
  const opened = await open()
  const { payment, lemon } = opened
  lemon.store.taxPercent = 19
  const payment_id = await paidOrder(opened, 6_000)
  expect(lemon.orders.get(payment_id)?.attributes.total).toBe(7_140)
  expect(await payment.get_payment({ payment_id })).toMatchObject({
    value: { amount: 6_000, amount_refunded: 0 },
  })
  expect(await payment.refund_payment({ payment_id, amount: 1_001, idempotency_key: 'r1' })).toMatchObject({
    value: { amount: 1_001 },
  })
  expect(lemon.orders.get(payment_id)?.attributes.refunded_amount).toBe(1_191)
  expect(await payment.get_payment({ payment_id })).toMatchObject({ value: { amount_refunded: 1_001 } })
  expect(await payment.refund_payment({ payment_id, idempotency_key: 'rest' })).toMatchObject({ ok: true })
  expect(lemon.orders.get(payment_id)?.attributes).toMatchObject({
    refunded_amount: 7_140,
    status: 'refunded',
  })
})

it('a refund whose answer was lost is not made twice, also after a restart', async () => {
  const opened = await open()
  const { payment, lemon } = opened
  const payment_id = await paidOrder(opened, 1_000)
  const wish = { payment_id, amount: 300, idempotency_key: 'r1' }
  const first = await payment.refund_payment(wish)
  expect(first).toMatchObject({ value: { amount: 300 } })
  await opened.close()
  const again = await providerHouse({ env, dataDirectory: opened.dataDirectory })
  const service = again.house.providers.capabilities.capability('payment')
  expect(await service.refund_payment(wish)).toEqual(first)
  expect(await service.refund_payment({ ...wish, amount: 299 })).toMatchObject({
    code: 'idempotency_mismatch',
  })
  expect(lemon.orders.get(payment_id)?.attributes.refunded_amount).toBe(300)
})

it('an order that turned out to be a fraud is money that has gone back, all of it', async () => {
  const opened = await open()
  const payment_id = await paidOrder(opened, 1_000)
  Object.assign(opened.lemon.orders.get(payment_id)?.attributes ?? {}, { status: 'fraudulent' })
  expect(await opened.payment.get_payment({ payment_id })).toMatchObject({
    value: { status: 'failed', amount: 1_000, amount_refunded: 1_000 },
  })
  const refund = { payment_id, idempotency_key: 'r' }
  expect(await opened.payment.refund_payment(refund)).toMatchObject({ ok: false })
})

it('an order of the test mode is no money, and one of another store is not ours', async () => {
  const opened = await open()
  const payment_id = await paidOrder(opened, 1_000)
  const order = opened.lemon.orders.get(payment_id)
  if (order === undefined) throw new Error('no order')
  order.attributes.test_mode = true
  expect(await opened.payment.get_payment({ payment_id })).toMatchObject({ code: 'not_found' })
  Object.assign(order.attributes, { test_mode: false, store_id: 1 })
  expect(await opened.payment.get_payment({ payment_id })).toMatchObject({ code: 'not_found' })
})

it('an amount in another currency than the store has is refused: no number is relabelled', async () => {
  const opened = await open()
  expect(await ask(opened, 100, 'eur')).toMatchObject({ ok: false, details: { field: 'currency' } })
  expect(
    opened.lemon.upstream.seen.some(({ method, url }) => method === 'POST' && url === '/v1/checkouts'),
  ).toBe(false)
})

it('Lemon Squeezy that is down, or takes another key, is a provider that is down, and its key stands in no log', async () => {
  const { payment, set, lines, lemon } = await open()
  await set('payment.lemonsqueezy.api_key', 'wrong-lemon')
  const down = { code: 'service_unavailable' }
  expect(await payment.create_customer({ email: 'a@example.com' })).toMatchObject(down)
  await lemon.upstream.close()
  expect(await payment.create_customer({ email: 'a@example.com' })).toMatchObject(down)
  expect(lines.join('\n')).not.toContain('wrong-lemon')
})
