import { expect, onTestFinished, test } from 'vitest'
import { lemonKey, lemonSecret, startLemon } from '#test/support/lemon-double.ts'
import { lemonStoreId, lemonVariants } from '#test/support/lemon-store.ts'
import { startUpstream } from '#test/support/upstream.ts'
import { startPaying } from './paying-house.ts'

const hourMs = 3_600_000

/** An instance that is paid through Lemon Squeezy, whose orders name our payments only where `namesOrders`; every message is lost. */
async function startUntold(namesOrders: boolean) {
  const desk = await startUpstream()
  onTestFinished(desk.close)
  const house = await startPaying(
    { 'payment.lemonsqueezy.allow_private': 'true', 'notification.webhook.allow_private': 'true' },
    {
      PAYMENT_PROVIDER: 'lemonsqueezy',
      LEMON_API_KEY: lemonKey,
      LEMON_STORE_ID: lemonStoreId,
      LEMON_VARIANT_ID: lemonVariants.invoices,
      LEMON_WEBHOOK_SECRET: lemonSecret,
      NOTIFICATION_PROVIDER: 'webhook',
      NOTIFICATION_WEBHOOK_URL: desk.url,
      NOTIFICATION_WEBHOOK_SECRET: 'secret-of-the-desk',
    },
  )
  onTestFinished(house.close)
  const lemon = await startLemon(house.clock)
  lemon.store.namesOrders = namesOrders
  await house.create('settings', { key: 'payment.lemonsqueezy.base_url', value: lemon.url })
  const payer = await house.payer('ada@example.com')
  const { payments } = house.running.house
  const unknown = async () => (await house.api('GET', '/api/unknown_payments')).body.data
  return {
    house,
    lemon,
    payer,
    unknown,
    /** An invoice whose page was paid on, of which nobody has told us. */
    async paid(amount: bigint, as = {}) {
      const invoice = await house.invoice(payer, amount)
      const { payment_id: id } = (await house.initiate(payer, { invoice_id: invoice.id })).body.data
      const order = lemon.pay(await house.externalId('checkout', id), as)
      return { invoice, id, order }
    },
    async look() {
      house.clock.advance(hourMs)
      return payments.reconcile()
    },
    told: () => desk.seen.filter(({ body }) => body.includes('payment.unknown')),
    async act(action: string, body: object) {
      const [row] = await unknown()
      const answer = await house.api('POST', `/api/unknown_payments/${row.id}/${action}`, body)
      await payments.idle()
      await house.running.settle()
      return answer
    },
  }
}

test('a payment whose every message was lost is found in the list of the provider by our reference', async () => {
  const { house, paid, look, unknown } = await startUntold(true)
  const { invoice, id } = await paid(6000n)
  expect(await look()).toMatchObject({ found: 1, unknown: 0, failed: 0 })
  expect(await house.invoiceNow(invoice)).toMatchObject({ status: 'paid', payment_id: id })
  expect(await look()).toMatchObject({ found: 0, unknown: 0 })
  expect(await unknown()).toEqual([])
})

test('money that we do not know is listed and told of once, and pays an invoice when an operator says whose it is', async () => {
  const { house, lemon, paid, look, unknown, told, act } = await startUntold(false)
  const { invoice, id, order } = await paid(6000n)
  expect(await look()).toMatchObject({ found: 0, unknown: 1 })
  expect(await look()).toMatchObject({ found: 0, unknown: 0 })
  await house.running.settle()
  expect(told()).toHaveLength(1)
  expect(await unknown()).toMatchObject([
    { provider: 'lemonsqueezy', external_id: order, amount: 6000, currency: 'USD', status: 'found' },
  ])
  expect((await house.invoiceNow(invoice))?.status).toBe('open')
  expect((await act('claim', { payment_id: 'pay_nobody' })).body.error.details).toMatchObject({
    field: 'payment_id',
  })
  expect((await act('claim', { payment_id: id })).status).toBe(200)
  expect(await house.invoiceNow(invoice)).toMatchObject({ status: 'paid', payment_id: id })
  expect(await unknown()).toMatchObject([{ status: 'settled', payment_id: id }])
  expect(await house.billing.ledger.balance('provider:lemonsqueezy', 'USD')).toBe(6000n)
  expect((await act('claim', { payment_id: id })).status).toBeGreaterThanOrEqual(400)
  expect(lemon.upstream.seen.length).toBeGreaterThan(0)
})

test('claimed money of another amount settles nothing, and what is dismissed stays away', async () => {
  const { house, paid, look, unknown, act, payer, lemon } = await startUntold(false)
  const { invoice, id } = await paid(435n, { amount: 434 })
  await look()
  await act('claim', { payment_id: id })
  expect((await house.invoiceNow(invoice))?.status).toBe('open')
  expect(await house.paymentsOf(invoice)).toMatchObject([{ status: 'flagged', flag: 'wrong_amount' }])
  expect(await unknown()).toMatchObject([{ status: 'flagged' }])
  expect((await act('dismiss', { note: 'Given back' })).status).toBeGreaterThanOrEqual(400)
  const other = await house.invoice(payer, 29n)
  const { payment_id } = (await house.initiate(payer, { invoice_id: other.id })).body.data
  lemon.pay(await house.externalId('checkout', payment_id))
  expect(await look()).toMatchObject({ unknown: 1 })
  const fresh = (await unknown()).find(({ status }: { status: string }) => status === 'found')
  await house.api('POST', `/api/unknown_payments/${fresh.id}/dismiss`, { note: 'Ours by hand' })
  expect(await look()).toMatchObject({ unknown: 0 })
  expect((await house.api('GET', `/api/unknown_payments/${fresh.id}`)).body.data).toMatchObject({
    status: 'dismissed',
    note: 'Ours by hand',
  })
})
