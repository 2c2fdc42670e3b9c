import { expect, onTestFinished, test } from 'vitest'
import { paystackKey, paystackSignature, startPaystack } from '#test/support/paystack-double.ts'
import { startPaying } from './paying-house.ts'

const hourMs = 3_600_000

/** An instance that sends invoices in dollars and has an account at Paystack that takes naira. */
async function startInNaira() {
  const env = { PAYMENT_PROVIDER: 'paystack', PAYSTACK_SECRET_KEY: paystackKey, PAYSTACK_CURRENCIES: 'NGN' }
  const house = await startPaying({ 'payment.paystack.allow_private': 'true' }, env)
  onTestFinished(house.close)
  const paystack = await startPaystack(house.clock)
  await house.create('settings', { key: 'payment.paystack.base_url', value: paystack.url })
  const payer = await house.payer('ada@example.com')
  return {
    house,
    paystack,
    payer,
    /** A rate that holds for an hour. */
    async quote(rate: string): Promise<string> {
      const valid_until = new Date(house.clock.now() + hourMs).toISOString()
      const made = await house.create('fx_quotes', {
        from_currency: 'USD',
        to_currency: 'NGN',
        rate,
        valid_until,
      })
      return String(made['id'])
    },
    async pay(id: string, as = {}): Promise<void> {
      paystack.pay(id, as)
      const raw = paystack.messages.at(-1) ?? ''
      const headers = { 'x-paystack-signature': paystackSignature(raw) }
      expect((await house.ask('POST', '/webhooks/paystack', raw, headers)).status).toBe(200)
      await house.running.settle()
    },
  }
}

test('without a rate that holds nothing is asked for: neither as a number in another currency nor in one that is not taken', async () => {
  const { house, paystack, payer, quote } = await startInNaira()
  const invoice = await house.invoice(payer, 6000n)
  const refused = await house.initiate(payer, { invoice_id: invoice.id })
  expect(refused.status).toBe(409)
  expect(refused.body.error.details).toMatchObject({ reason: 'no_quote', from: 'USD', to: 'NGN' })
  await quote('1500')
  house.clock.advance(hourMs)
  expect((await house.initiate(payer, { invoice_id: invoice.id })).status).toBe(409)
  expect(await house.paymentsOf(invoice)).toEqual([])
  expect(paystack.upstream.seen.some(({ url }) => url.startsWith('/transaction'))).toBe(false)
  const naira = await house.invoice(payer, 435n, 'NGN')
  expect((await house.initiate(payer, { invoice_id: naira.id })).body.data).toMatchObject({
    amount: 435,
    currency: 'NGN',
  })
})

test('an invoice in dollars is paid in naira at the rate it was asked at, and only by exactly that', async () => {
  const { house, paystack, payer, quote, pay } = await startInNaira()
  const id = await quote('1530.255')
  const invoice = await house.invoice(payer, 6001n)
  const asked = (await house.initiate(payer, { invoice_id: invoice.id })).body.data
  // 60.01 x 1530.255 = 91830.60255
  expect(asked).toMatchObject({ amount: 9_183_060, currency: 'NGN' })
  const sent = paystack.upstream.seen.find(({ url }) => url === '/transaction/initialize')
  expect(JSON.parse(sent?.body ?? '')).toMatchObject({ amount: 9_183_060, currency: 'NGN' })
  await pay(asked.payment_id)
  expect(await house.invoiceNow(invoice)).toMatchObject({
    status: 'paid',
    amount_paid: 6001,
    currency: 'USD',
  })
  expect(await house.paymentsOf(invoice)).toMatchObject([
    { fx_quote_id: id, invoice_amount: 6001, invoice_currency: 'USD', received_amount: 9_183_060 },
  ])
  expect(await house.billing.ledger.balance('provider:paystack', 'USD')).toBe(6001n)
  expect(await house.billing.ledger.balance('provider:paystack', 'NGN')).toBe(0n)
  // The card that is kept now is charged in naira, too.
  const next = await house.invoice(payer, 6000n)
  await house.running.settle()
  expect(await house.paymentsOf(next)).toMatchObject([
    { method: 'saved', status: 'succeeded', currency: 'NGN', received_amount: 9_181_530, fx_quote_id: id },
  ])
  // The number of dollars in the name of naira is not the money.
  const stranger = await house.payer('bob@example.com')
  const wrong = await house.invoice(stranger, 6000n)
  const other = (await house.initiate(stranger, { invoice_id: wrong.id })).body.data
  await pay(other.payment_id, { amount: 6000 })
  expect(await house.paymentsOf(wrong)).toMatchObject([{ status: 'flagged', flag: 'wrong_amount' }])
  expect((await house.invoiceNow(wrong))?.status).toBe('open')
})

test('when a rate has run out or was withdrawn the next click asks at a new one, and what was asked before still counts once', async () => {
  const { house, payer, quote, pay } = await startInNaira()
  const invoice = await house.invoice(payer, 1000n)
  const click = async () => (await house.initiate(payer, { invoice_id: invoice.id })).body.data
  const first = await quote('1500')
  const before = await click()
  expect(await click()).toMatchObject({ payment_id: before.payment_id, amount: 1_500_000 })
  await house.api('PATCH', `/api/fx_quotes/${first}`, { enabled: false })
  await quote('1600')
  const withdrawn = await click()
  expect(withdrawn).toMatchObject({ amount: 1_600_000 })
  house.clock.advance(hourMs)
  await quote('1700')
  const after = await click()
  expect(after).toMatchObject({ amount: 1_700_000 })
  expect(new Set([before, withdrawn, after].map(({ payment_id }) => payment_id)).size).toBe(3)
  await pay(before.payment_id)
  expect(await house.invoiceNow(invoice)).toMatchObject({ status: 'paid', payment_id: before.payment_id })
  await pay(after.payment_id)
  expect((await house.paymentsOf(invoice)).find(({ id }) => id === after.payment_id)).toMatchObject({
    status: 'flagged',
  })
  expect(await house.billing.ledger.balance('provider:paystack', 'USD')).toBe(1000n)
})

test('a rate that is zero, negative or no number is refused', async () => {
  const { house } = await startInNaira()
  const quote = { from_currency: 'USD', to_currency: 'NGN', valid_until: '2027-01-01T00:00:00.000Z' }
  for (const rate of ['0', '0.000', '-1', '1e3', '1,5', '', 'abc', '01'])
    expect((await house.api('POST', '/api/fx_quotes', { ...quote, rate })).status, rate).toBe(400)
  const made = await house.create('fx_quotes', { ...quote, rate: '0.00065' })
  const changed = await house.api('PATCH', `/api/fx_quotes/${made['id']}`, { rate: '2' })
  expect(changed.status).toBeGreaterThanOrEqual(400)
})
