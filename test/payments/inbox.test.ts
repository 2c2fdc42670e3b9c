import { test as base, expect, onTestFinished } from 'vitest'
import { type PayingHouse, startPaying } from './paying-house.ts'

const test = base.extend<{ house: PayingHouse }>({
  // biome-ignore lint/correctness/noEmptyPattern: the form that fixtures have
  house: async ({}, use) => {
    const house = await startPaying()
    await use(house)
    await house.close()
  },
})

test('an invoice becomes a page, the page a webhook, the webhook a paid invoice with ledger rows and one receipt', async ({
  house,
}) => {
  const payer = await house.payer('ada@example.com')
  const invoice = await house.invoice(payer, 6000n)
  const offered = await house.initiate(payer, { invoice_id: invoice.id })
  expect(offered.body).toMatchObject({
    success: true,
    data: {
      invoice_id: invoice.id,
      billing_cycle_id: invoice.id,
      provider: 'dummy',
      amount: 6000,
      currency: 'USD',
    },
  })
  const { payment_id: id, checkout_url: url } = offered.body.data
  const checkout = await house.externalId('checkout', id)
  expect(url).toContain(checkout)
  // Whoever comes back from the page is no proof of anything.
  await house.ask('GET', `/portal/invoices/${invoice.id}?payment=made`)
  expect((await house.invoiceNow(invoice))?.status).toBe('open')

  const event = { id: 'evt_1', type: 'payment.payment_succeeded', data: { checkout_id: checkout } }
  expect((await house.webhook(event)).body).toEqual({ success: true, data: { received: true } })
  await house.running.settle()
  expect(await house.invoiceNow(invoice)).toMatchObject({
    status: 'paid',
    amount_due: 0,
    amount_paid: 6000,
    payment_id: id,
    payment_provider: 'dummy',
  })
  expect(await house.paymentsOf(invoice)).toMatchObject([{ id, status: 'succeeded', received_amount: 6000 }])
  const { ledger } = house.billing
  expect(await ledger.balance('provider:dummy', 'USD')).toBe(6000n)
  expect(await ledger.balance(`receivable:${payer.organizationId}`, 'USD')).toBe(0n)
  expect(await ledger.check()).toMatchObject({ unbalanced: [], drifted: [] })

  // The same message again, another about the same, and one that says the contrary, late.
  await house.webhook(event)
  await house.webhook({ ...event, id: 'evt_2' })
  await house.webhook({ ...event, id: 'evt_0', type: 'payment.payment_failed' })
  await house.running.settle()
  await house.running.house.payments.reconcile()
  await house.billing.run()
  expect(await ledger.balance('provider:dummy', 'USD')).toBe(6000n)
  const receipts = (await house.mails(payer.email)).filter(({ subject }) => subject.startsWith('Receipt'))
  expect(receipts).toHaveLength(1)
  expect((await house.events()).map(({ event_id, result }) => `${event_id} ${result}`).sort()).toEqual([
    'evt_0 unchanged',
    'evt_1 settled',
    'evt_2 unchanged',
  ])
})

test('a webhook is believed only when its signature holds over the very bytes that came', async ({
  house,
}) => {
  const event = { id: 'evt_1', type: 'payment.payment_succeeded', data: {} }
  expect((await house.webhook(event, { 'dummy-signature': 't=1,v1=00' })).status).toBe(401)
  expect((await house.ask('POST', '/webhooks/dummy', event)).status).toBe(401)
  const answer = await house.ask('POST', '/webhooks/nobody', event)
  expect(answer.status).toBe(404)
  expect((await house.ask('POST', '/webhooks/sendgrid', event)).status).toBe(404)
  expect(await house.events()).toEqual([])
})

test('a provider without a secret takes in nothing, also what is signed with an empty one', async () => {
  const house = await startPaying({})
  onTestFinished(house.close)
  expect((await house.webhook({ id: 'evt_1', type: 'payment.payment_succeeded' })).status).toBe(503)
  expect(await house.events()).toEqual([])
})

test('the raw body is kept byte for byte, at both addresses', async ({ house }) => {
  const event = { id: 'evt_ü', type: 'something.else', data: { text: 'Grüße  \u2028 \\u00e9' } }
  expect((await house.webhook(event)).status).toBe(200)
  expect((await house.webhook({ ...event, id: 'evt_2' }, {}, '/api/v1/webhooks/dummy')).status).toBe(200)
  const [first] = await house.events()
  expect(first).toMatchObject({ body: JSON.stringify(event), status: 'ignored' })
  expect(await house.events()).toHaveLength(2)
  const shown = await house.api('GET', '/api/provider_events')
  expect(JSON.stringify(shown.body)).not.toContain('Gr')
})

test('events about what we never asked for, or about nothing, change nothing', async ({ house }) => {
  const payer = await house.payer('ada@example.com')
  const invoice = await house.invoice(payer, 6000n)
  const dummy = house.running.house.providers.capabilities.capability('payment')
  const customer = await dummy.create_customer({ email: 'eve@example.com' })
  const strange = await dummy.create_payment({
    customer_id: customer.ok ? customer.value.customer_id : '',
    amount: 6000,
    currency: 'usd',
    reference: invoice.id,
    idempotency_key: 'strange',
  })
  const paymentId = strange.ok ? strange.value.payment_id : ''
  await house.webhook({ id: 'evt_1', type: 'payment.payment_succeeded', data: { payment_id: paymentId } })
  await house.webhook({ id: 'evt_2', type: 'payment.payment_succeeded', data: { payment_id: 'pay_none' } })
  await house.webhook({ id: 'evt_3', type: 'payment.invoice_paid' })
  await house.running.settle()
  expect((await house.events()).map(({ status }) => status)).toEqual(['ignored', 'ignored', 'ignored'])
  expect((await house.invoiceNow(invoice))?.status).toBe('open')
})

test('a payment of another amount or currency than was asked for never settles, and is flagged', async ({
  house,
}) => {
  const payer = await house.payer('ada@example.com')
  const dummy = house.running.house.providers.capabilities.capability('payment')
  const customer = await dummy.create_customer({ email: 'ada@example.com' })
  const customerId = customer.ok ? customer.value.customer_id : ''
  for (const [amount, currency, flag] of [
    [5999, 'usd', 'wrong_amount'],
    [600_000, 'usd', 'wrong_amount'],
    [6000, 'ngn', 'wrong_currency'],
  ] as const) {
    const invoice = await house.invoice(payer, 6000n)
    const { payment_id: reference } = (await house.initiate(payer, { invoice_id: invoice.id })).body.data
    const key = `${amount} ${currency}`
    const made = await dummy.create_payment({
      customer_id: customerId,
      amount,
      currency,
      reference,
      idempotency_key: key,
    })
    const payment_id = made.ok ? made.value.payment_id : ''
    await house.webhook({ id: key, type: 'payment.payment_succeeded', data: { payment_id } })
    await house.running.settle()
    expect((await house.invoiceNow(invoice))?.status).toBe('open')
    expect(await house.paymentsOf(invoice)).toMatchObject([
      { status: 'flagged', flag, received_amount: amount, received_currency: currency.toUpperCase() },
    ])
  }
  expect((await house.events()).every(({ status }) => status === 'flagged')).toBe(true)
  // It is at the provider, and the customer's until it has gone back.
  const { ledger } = house.billing
  expect(await ledger.balance('provider:dummy', 'USD')).toBe(605_999n)
  expect(await ledger.balance(`unapplied:${payer.organizationId}`, 'USD')).toBe(-605_999n)
  expect(await ledger.balance(`unapplied:${payer.organizationId}`, 'NGN')).toBe(-6000n)
})

test('a message that never came costs an hour: the provider itself is asked', async ({ house }) => {
  const payer = await house.payer('ada@example.com')
  const invoice = await house.invoice(payer, 1999n)
  await house.initiate(payer, { invoice_id: invoice.id })
  expect(await house.running.house.payments.reconcile()).toMatchObject({ found: 1, failed: 0 })
  expect(await house.running.house.payments.reconcile()).toMatchObject({ found: 0, failed: 0 })
  expect((await house.invoiceNow(invoice))?.status).toBe('paid')
})

test('a card that is declined leaves the invoice open, and it can be paid again', async ({ house }) => {
  const payer = await house.payer('decline-ada@example.com')
  const invoice = await house.invoice(payer, 1999n)
  const first = await house.initiate(payer, { invoice_id: invoice.id })
  await house.running.house.payments.reconcile()
  expect(await house.paymentsOf(invoice)).toMatchObject([{ status: 'failed' }])
  const second = await house.initiate(payer, { invoice_id: invoice.id })
  expect(second.body.data.payment_id).not.toBe(first.body.data.payment_id)
  expect((await house.invoiceNow(invoice))?.status).toBe('open')
})

test('a double click is one page, and only owners of the organization get it, by a provider that is offered', async ({
  house,
}) => {
  const payer = await house.payer('ada@example.com')
  const other = await house.payer('eve@example.com')
  const invoice = await house.invoice(payer, 1999n)
  const wish = { invoice_id: invoice.id }
  const clicks = await Promise.all([1, 2, 3].map(() => house.initiate(payer, wish)))
  expect(new Set(clicks.map(({ body }) => body.data.checkout_url)).size).toBe(1)
  expect(await house.paymentsOf(invoice)).toHaveLength(1)
  expect((await house.initiate(other, wish)).status).toBe(404)
  expect((await house.initiate(payer, { invoice_id: 'inv_none' })).status).toBe(404)
  expect((await house.initiate(payer, {})).body.error.details.field).toBe('invoice_id')
  expect((await house.initiate(payer, { ...wish, provider: 'stripe' })).status).toBe(400)
  expect((await house.initiate(payer, { ...wish, wings: 2 })).body.error.details.field).toBe('wings')
  expect((await house.ask('POST', '/api/v1/billing/initiate-payment', wish)).status).toBe(401)
  await house.running.house.payments.reconcile()
  expect((await house.initiate(payer, wish)).status).toBe(409)
})
