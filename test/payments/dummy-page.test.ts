import { afterAll, beforeAll, expect, test } from 'vitest'
import { type PayingHouse, startPaying } from './paying-house.ts'

let house: PayingHouse
beforeAll(async () => {
  house = await startPaying({ 'payment.dummy.checkout': 'page' })
})
afterAll(() => house.close())

const form = { 'content-type': 'application/x-www-form-urlencoded' }

/** A page for an open invoice of somebody new. */
async function offered(email: string, amount = 6000n) {
  const payer = await house.payer(email)
  const invoice = await house.invoice(payer, amount)
  const { body } = await house.initiate(payer, { invoice_id: invoice.id })
  const path = new URL(body.data.checkout_url).pathname
  const at = (method: string, headers: Record<string, string> = {}, content?: string) =>
    fetch(`${house.url}${path}`, {
      method,
      redirect: 'manual',
      headers: { ...form, ...headers },
      ...(content === undefined ? {} : { body: content }),
    })
  return {
    payer,
    invoice,
    show: async () => (await at('GET')).text(),
    choose: (choice: string, headers = {}) => at('POST', headers, `choice=${choice}`),
  }
}

test('a page of the dummy takes nothing until somebody pays, and then once', async () => {
  const { invoice, payer, show, choose } = await offered('ada@example.com')
  expect(await show()).toContain('60.00 USD')
  await house.running.house.payments.reconcile()
  expect((await house.invoiceNow(invoice))?.status).toBe('open')
  const [one, two] = await Promise.all([choose('pay'), choose('pay')])
  for (const answer of [one, two]) {
    expect(answer?.status).toBe(303)
    expect(answer?.headers.get('location')).toContain(`/portal/invoices/${invoice.id}?payment=made`)
  }
  await house.running.settle()
  expect(await house.invoiceNow(invoice)).toMatchObject({ status: 'paid', payment_provider: 'dummy' })
  expect((await choose('decline')).status).toBe(303)
  expect(await show()).toContain('This is paid')
  await house.running.settle()
  expect(await house.paymentsOf(invoice)).toMatchObject([{ status: 'succeeded', received_amount: 6000 }])
  expect(await house.billing.ledger.balance(`receivable:${payer.organizationId}`, 'USD')).toBe(0n)
})

test('a declined payment leaves the invoice open, and the page can be paid afterwards', async () => {
  const { invoice, show, choose } = await offered('bea@example.com', 435n)
  expect((await choose('decline')).headers.get('location')).toMatch(/^\/public\/dummy-payment\//)
  await house.running.settle()
  expect(await house.paymentsOf(invoice)).toMatchObject([{ status: 'failed' }])
  expect((await house.invoiceNow(invoice))?.status).toBe('open')
  expect(await show()).toContain('was declined')
  await choose('decline')
  await choose('pay')
  await house.running.settle()
  expect((await house.invoiceNow(invoice))?.status).toBe('paid')
})

test('a card is left on a page of the dummy once, and pays what is open; a closed page takes nothing', async () => {
  const { payer, invoice, choose: payOnPage } = await offered('cleo@example.com', 1999n)
  const kept = '/api/v1/billing/payment-methods'
  const { setup_url } = (await house.ask('POST', kept, {}, payer.headers)).body.data
  const page = `${house.url}${new URL(setup_url).pathname}`
  const choose = (choice: string) =>
    fetch(page, { method: 'POST', redirect: 'manual', headers: form, body: `choice=${choice}` })
  expect(await (await fetch(page)).text()).toContain('Leave a test card')
  expect((await choose('decline')).headers.get('location')).toMatch(/^\/public\/dummy-payment\//)
  await house.running.settle()
  expect((await house.ask('GET', kept, undefined, payer.headers)).body.data).toEqual([])
  for (const answer of await Promise.all([choose('pay'), choose('pay')]))
    expect(answer.headers.get('location')).toContain('/portal/payment-methods?card=left')
  for (const _ of [1, 2]) await house.running.settle()
  const methods = (await house.ask('GET', kept, undefined, payer.headers)).body.data
  expect(methods).toMatchObject([{ provider: 'dummy', is_default: true }])
  expect(await house.invoiceNow(invoice)).toMatchObject({ status: 'paid' })
  expect((await payOnPage('pay')).status).toBe(404)
  expect(await house.paymentsOf(invoice)).toHaveLength(2)
})

test('a page of the dummy answers nobody else: no form of another site, no choice but two, no page that is not there', async () => {
  const { invoice, choose } = await offered('cyd@example.com', 29n)
  expect((await choose('pay', { origin: 'https://evil.example' })).status).toBe(403)
  expect((await choose('gift')).status).toBe(400)
  const missing = await fetch(`${house.url}/public/dummy-payment/cs_dummy_none`, {
    method: 'POST',
    headers: form,
    body: 'choice=pay',
  })
  expect(missing.status).toBe(404)
  await house.running.settle()
  expect((await house.invoiceNow(invoice))?.status).toBe('open')
})

test('there is no page of the dummy where the instance is paid through another provider', async () => {
  const { invoice, choose, show } = await offered('dan@example.com', 30n)
  await house.create('settings', { key: 'payment.provider', value: 'stripe' })
  await house.create('settings', { key: 'payment.stripe.api_key', value: 'sk_test_x' })
  expect((await choose('pay')).status).toBe(404)
  expect(await show()).toContain('Nothing to pay here')
  expect((await house.invoiceNow(invoice))?.status).toBe('open')
})
