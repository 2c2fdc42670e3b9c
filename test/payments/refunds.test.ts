import { expect, onTestFinished, test } from 'vitest'
import { ownCall } from '#app/billing/dependencies.ts'
import { moneyBackCalls } from '#app/payments/book-refund.ts'
import type { Rows } from '#contract/rows.gen.ts'
import { frozenClock } from '#test/support/frozen-clock.ts'
import { paystackKey, paystackSignature, startPaystack } from '#test/support/paystack-double.ts'
import { type PayingHouse, startPaying } from './paying-house.ts'
import { startStriped } from './striped-house.ts'

const refundsOf = async (house: PayingHouse, { id }: Rows['invoice']) =>
  (await house.records.list('refund', { where: [{ field: 'invoice_id', op: 'eq', value: id }] })).items
const notesOf = async (house: PayingHouse, { id }: Rows['invoice']) =>
  (await house.records.list('credit_note', { where: [{ field: 'invoice_id', op: 'eq', value: id }] })).items
const balance = (house: PayingHouse, account: string, currency = 'USD') =>
  house.billing.ledger.balance(account, currency)
const sound = { unbalanced: [], drifted: [] }

test('a refund is asked for once, booked once with a credit note, told once, and never comes to more than was paid', async () => {
  const { house, stripe, deliver, paid } = await startStriped()
  const { invoice, payer, id } = await paid(6000n)
  const refund = (body: object, headers = {}) =>
    house.api('POST', `/api/payments/${id}/refund`, body, headers)
  expect((await refund({ amount: 6001 })).body.error.details).toMatchObject({ field: 'amount' })
  const asked = await refund({ amount: 1500, reason: 'An outage', key: 'ticket-7' })
  expect(asked.status, JSON.stringify(asked.body)).toBe(200)
  // The same key again, also with a double click.
  const same = await Promise.all([1, 2].map(() => refund({ amount: 1500, key: 'ticket-7' })))
  expect(new Set([asked, ...same].map(({ body }) => body.data.refund_id)).size).toBe(1)
  expect((await refund({ amount: 1, key: 'ticket-7' })).status).toBe(422)
  expect((await refund({ amount: 4501 })).status).toBe(400)
  await house.running.settle()
  for (const type of ['charge.refunded', 'refund.created']) await deliver(stripe.message(type))
  await deliver(stripe.message('charge.refunded'))
  await house.running.settle()
  expect(await refundsOf(house, invoice)).toMatchObject([
    { status: 'succeeded', source: 'operator', amount: 1500, invoice_amount: 1500, reason: 'An outage' },
  ])
  expect(await notesOf(house, invoice)).toMatchObject([{ total: 1500, off_due: 0, refunded: 1500 }])
  expect(await house.invoiceNow(invoice)).toMatchObject({ status: 'paid', credited: 1500, amount_paid: 6000 })
  expect(await balance(house, 'provider:stripe')).toBe(4500n)
  expect(await balance(house, 'revenue')).toBe(-4500n)
  // The rest, in two parts that are asked for at once: only one of them fits.
  const rest = await Promise.all([refund({}), refund({ amount: 4500 })])
  expect(rest.filter(({ status }) => status === 200)).toHaveLength(1)
  await house.running.settle()
  expect(await balance(house, 'provider:stripe')).toBe(0n)
  expect((await refund({})).status).toBe(409)
  expect(await house.billing.ledger.check()).toMatchObject(sound)
  const told = (await house.mails(payer.email)).filter(({ subject }) => subject.startsWith('Refund'))
  expect(told).toHaveLength(2)
  expect(stripe.object((await house.externalId('payment', id)) ?? '')['amount']).toBe(6000)
})

test('what somebody gives back at the desk of the provider is booked once, with its tax, beside what we asked for', async () => {
  const { house, stripe, deliver, paid } = await startStriped()
  await house.create('tax_rates', { name: 'VAT', country: 'DE', percent: '19' })
  const { invoice, id } = await paid(10_000n, 'DE')
  expect(await balance(house, 'tax:DE')).toBe(-1900n)
  const intent = await house.externalId('payment', id)
  stripe.refundAtDesk(intent, 5950)
  await house.api('POST', `/api/payments/${id}/refund`, { amount: 119, reason: 'Goodwill' })
  await house.running.settle()
  for (const _ of [1, 2, 3]) await deliver(stripe.message('charge.refunded'))
  await house.running.settle()
  const refunds = (await refundsOf(house, invoice)).map(({ source, amount }) => `${source} ${amount}`).sort()
  expect(refunds).toEqual(['operator 119', 'provider 5950'])
  expect(await balance(house, 'tax:DE')).toBe(-1900n + 950n + 19n)
  expect(await balance(house, 'provider:stripe')).toBe(11_900n - 6069n)
  expect(await house.billing.ledger.check()).toMatchObject(sound)
  expect(await house.records.get('payment', id)).toMatchObject({ refunded: 6069 })
})

test('a refund waits for Paystack, and one that it could not do leaves the money where it was', async () => {
  const paystack = await startPaystack(frozenClock())
  const house = await startPaying(
    { 'payment.paystack.base_url': paystack.url, 'payment.paystack.allow_private': 'true' },
    { PAYMENT_PROVIDER: 'paystack', PAYSTACK_SECRET_KEY: paystackKey },
  )
  onTestFinished(house.close)
  const deliver = async () => {
    const raw = paystack.messages.at(-1) ?? ''
    const headers = { 'x-paystack-signature': paystackSignature(raw) }
    expect((await house.ask('POST', '/webhooks/paystack', raw, headers)).status).toBe(200)
    await house.running.settle()
  }
  const payer = await house.payer('ada@example.com')
  const invoice = await house.invoice(payer, 90_000n, 'NGN')
  const { payment_id: id } = (await house.initiate(payer, { invoice_id: invoice.id })).body.data
  paystack.pay(id)
  await deliver()
  const refund = (amount: number) => house.api('POST', `/api/payments/${id}/refund`, { amount })
  await refund(40_000)
  await house.running.settle()
  expect(await refundsOf(house, invoice)).toMatchObject([{ status: 'requested' }])
  expect(await balance(house, 'provider:paystack', 'NGN')).toBe(90_000n)
  expect((await refund(50_001)).status).toBe(400)
  // What is on its way back as money is not given as credit beside it.
  const credit = (amount: number) =>
    house.api('POST', `/admin/billing/invoices/${invoice.id}/credit-note`, { amount, reason: 'An outage' })
  expect((await credit(50_001)).body.error.details).toMatchObject({
    reason: 'refund_under_way',
    left: 50_000,
  })
  paystack.finishRefunds('failed')
  await deliver()
  expect(await refundsOf(house, invoice)).toMatchObject([{ status: 'failed' }])
  expect(await house.records.get('payment', id)).toMatchObject({ refunded: 0 })
  // The message about the second one is lost: it is asked for after an hour.
  await refund(90_000)
  await house.running.settle()
  paystack.finishRefunds('processed')
  house.clock.advance(3_660_000)
  expect(await house.running.house.payments.sweep()).toEqual({ queued: 1 })
  await house.running.settle()
  expect(await balance(house, 'provider:paystack', 'NGN')).toBe(0n)
  expect(await house.invoiceNow(invoice)).toMatchObject({ credited: 90_000 })
})

test('money that paid no invoice goes back without touching one, and sold credit goes as far as it is there', async () => {
  const { house, stripe, deliver, offered, paid } = await startStriped()
  const { invoice, page, id } = await offered(435n)
  stripe.pay(page, { amount: 434 })
  await deliver(stripe.message('checkout.session.completed'))
  await house.running.settle()
  expect((await house.api('POST', `/api/payments/${id}/refund`, {})).status).toBe(200)
  await house.running.settle()
  expect(await refundsOf(house, invoice)).toMatchObject([
    { status: 'succeeded', amount: 434, invoice_amount: 0 },
  ])
  expect(await notesOf(house, invoice)).toEqual([])
  expect(await house.invoiceNow(invoice)).toMatchObject({ status: 'open', amount_due: 435 })

  const { payer } = await paid(100n)
  const buy = (amount: number) => {
    const headers = { ...payer.headers, 'idempotency-key': 'basket-1', 'x-request-id': 'req_of-a-proxy' }
    return house.ask('POST', '/api/v1/billing/credits', { amount }, headers)
  }
  // A double click is one purchase; the same key for another one is a mistake.
  const [bought, again] = await Promise.all([buy(5000), buy(5000)])
  expect(again.body.data.invoice_id).toBe(bought.body.data.invoice_id)
  expect((await buy(5001)).status).toBe(422)
  await house.running.settle()
  const credit = await house.records.get('invoice', bought.body.data.invoice_id)
  expect(credit?.status).toBe('paid')
  const note = { amount: 5000, reason: 'Changed their mind' }
  const twice = await house.api('POST', `/admin/billing/invoices/${credit?.id}/credit-note`, note)
  expect(twice.body.error.details).toMatchObject({ reason: 'sold_credit' })
  // 1000 of it are used before the money goes back.
  await house.invoice(payer, 1000n)
  await house.api('POST', `/api/payments/${credit?.payment_id}/refund`, {})
  await house.running.settle()
  expect(await house.billing.credit.left(payer.organizationId, 'USD')).toBe(0n)
  expect(await balance(house, `credit:${payer.organizationId}`)).toBe(0n)
  expect(await balance(house, 'written_off')).toBe(1000n)
  expect(credit === undefined ? [] : await notesOf(house, credit)).toMatchObject([{ refunded: 4000 }])
  expect(await house.billing.ledger.check()).toMatchObject(sound)
})

test('Stripe being down leaves a refund on the queue, and what it refuses is told and counted back', async () => {
  const { house, stripe, paid } = await startStriped()
  const { invoice, id } = await paid(1999n)
  await house.api('PATCH', '/api/settings/payment.stripe.base_url', { value: 'http://127.0.0.1:9' })
  await house.api('POST', `/api/payments/${id}/refund`, { amount: 999 })
  await house.running.settle()
  expect(await refundsOf(house, invoice)).toMatchObject([{ status: 'requested' }])
  await house.api('PATCH', '/api/settings/payment.stripe.base_url', { value: stripe.url })
  // Meanwhile all of it was given back at the desk, and nobody told: ours is refused, theirs is taken in at the hourly look.
  stripe.refundAtDesk(await house.externalId('payment', id), 1999)
  house.clock.advance(3_600_000)
  for (const _ of [1, 2]) await house.running.settle()
  expect(await refundsOf(house, invoice)).toMatchObject([
    { status: 'failed', failure: expect.any(String) },
    { status: 'succeeded', source: 'provider', amount: 1999 },
  ])
  expect(await house.records.get('payment', id)).toMatchObject({ refunded: 1999 })
})

test('of an invoice that credit notes took a part of back, a refund gives the rest and no more, two of them at once included', async () => {
  const { house, paid } = await startStriped()
  const { invoice, payer, id } = await paid(6000n)
  const path = `/admin/billing/invoices/${invoice.id}/credit-note`
  const note = { amount: 2000, reason: 'An outage' }
  const once = { 'idempotency-key': 'ticket-9', 'x-request-id': 'req_of-a-proxy' }
  const clicks = await Promise.all([1, 2].map(() => house.api('POST', path, note, once)))
  expect(clicks.map(({ status }) => status)).toEqual([200, 200])
  expect((await house.api('POST', path, { ...note, amount: 1 }, once)).status).toBe(422)
  expect(await notesOf(house, invoice)).toHaveLength(1)
  const refund = (body: object) => house.api('POST', `/api/payments/${id}/refund`, body)
  expect((await refund({ amount: 4001 })).status).toBe(409)
  const two = await Promise.all([refund({ amount: 2500 }), refund({ amount: 2000 })])
  expect(two.map(({ status }) => status).sort()).toEqual([200, 409])
  expect((await refund({})).status).toBe(200)
  await house.running.settle()
  expect(await house.invoiceNow(invoice)).toMatchObject({ credited: 6000, amount_paid: 6000 })
  expect(await balance(house, 'written_off')).toBe(0n)
  expect(await balance(house, 'provider:stripe')).toBe(2000n)
  expect(await balance(house, `credit:${payer.organizationId}`)).toBe(-2000n)
  expect(await house.billing.ledger.check()).toMatchObject(sound)
})

test('what was to be booked of a refund is not, once something else of the invoice was taken back', async () => {
  const { house, paid } = await startStriped()
  const { invoice, payer, id } = await paid(6000n)
  const payment = (await house.records.get('payment', id)) as Rows['payment']
  const money = { payment, amountMinor: 1500n, invoiceMinor: 1500n, origin: 'late', reason: 'An outage' }
  const { engine, clock } = house.running.house
  const calls = await moneyBackCalls({ ...engine, ...house.billing, clock }, money, (beforeCommit) =>
    ownCall({
      module: 'refund',
      action: 'create',
      input: {
        organization_id: payer.organizationId,
        payment_id: id,
        invoice_id: invoice.id,
        provider: 'stripe',
        amount: 1500,
        currency: 'USD',
        invoice_amount: 1500,
        origin: 'late',
      },
      ...(beforeCommit === undefined ? {} : { beforeCommit }),
    }),
  )
  const path = `/admin/billing/invoices/${invoice.id}/credit-note`
  expect((await house.api('POST', path, { amount: 2000, reason: 'An outage' })).status).toBe(200)
  expect(await engine.invokeAll(calls)).toMatchObject({ code: 'conflict' })
  expect(await refundsOf(house, invoice)).toEqual([])
  expect(await house.invoiceNow(invoice)).toMatchObject({ credited: 2000 })
  expect(await house.billing.ledger.check()).toMatchObject(sound)
})
