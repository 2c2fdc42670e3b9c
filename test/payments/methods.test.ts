import { expect, test } from 'vitest'
import type { Rows } from '#contract/rows.gen.ts'
import type { Payer } from './paying-house.ts'
import { startStriped } from './striped-house.ts'

const path = '/api/v1/billing/payment-methods'

async function startSaved() {
  const striped = await startStriped()
  const { house, stripe } = striped
  const methods = async ({ headers }: Payer) => (await house.ask('GET', path, undefined, headers)).body.data
  const pay = ({ headers }: Payer, body: object) => house.ask('POST', '/api/v1/billing/pay', body, headers)
  /** What Stripe was asked to charge. */
  const charges = () =>
    stripe.upstream.seen.filter(({ method, url }) => method === 'POST' && url === '/v1/payment_intents')
  const ledgerIsSound = async () =>
    expect(await house.billing.ledger.check()).toMatchObject({ unbalanced: [], drifted: [] })
  return { ...striped, methods, pay, charges, ledgerIsSound }
}

test('the card that somebody pays by is kept, and pays their next invoice at once, without them and once', async () => {
  const { house, stripe, paid, methods, charges, deliver, ledgerIsSound } = await startSaved()
  const { payer } = await paid(6000n)
  expect(await methods(payer)).toMatchObject([
    {
      provider: 'stripe',
      brand: 'visa',
      last4: '4242',
      is_default: true,
      status: 'active',
      decline_code: null,
    },
  ])
  const invoice = await house.invoice(payer, 1999n)
  await house.running.settle()
  expect(await house.invoiceNow(invoice)).toMatchObject({ status: 'paid', payment_provider: 'stripe' })
  expect(await house.paymentsOf(invoice)).toMatchObject([
    { method: 'saved', wanted_by: 'schedule', status: 'succeeded', amount: 1999 },
  ])
  // Its messages come late and twice, and everything is looked at once more.
  for (const _ of [1, 2]) await deliver(stripe.message('payment_intent.succeeded'))
  await house.running.house.payments.sweep()
  await house.running.house.payments.reconcile()
  await house.running.settle()
  expect(charges()).toHaveLength(1)
  expect(await house.billing.ledger.balance('provider:stripe', 'USD')).toBe(7999n)
  await ledgerIsSound()
  const { text } = await (
    await fetch(`${house.url}/metrics`, { headers: { authorization: `Bearer ${house.token}` } })
  )
    .text()
    .then((text) => ({ text }))
  expect(text).toMatch(/payment_attempts_total\{provider="stripe"\} 2/)
})

test('ids of the provider stand in provider_mapping alone, and other organizations see and touch nothing', async () => {
  const { house, paid, methods, pay } = await startSaved()
  const { payer } = await paid(100n)
  const [method] = await methods(payer)
  const row = await house.records.get('payment_method', method.id)
  expect(JSON.stringify(row)).not.toContain('pm_double')
  expect(await house.externalId('payment_method', method.id)).toContain('pm_double')
  const other = await house.payer('eve@example.com')
  expect(await methods(other)).toEqual([])
  for (const [verb, address] of [
    ['POST', `${path}/${method.id}/default`],
    ['DELETE', `${path}/${method.id}`],
  ] as const) {
    const theirs = await house.ask(verb, address, verb === 'POST' ? {} : undefined, other.headers)
    const nobodys = await house.ask(
      verb,
      address.replace(method.id, 'pm_none'),
      verb === 'POST' ? {} : undefined,
      other.headers,
    )
    expect(theirs.status).toBe(404)
    expect(theirs.body.error.message).toBe(nobodys.body.error.message)
  }
  const invoice = await house.invoice(other, 100n)
  expect((await pay(other, { invoice_id: invoice.id, payment_method_id: method.id })).status).toBe(404)
  expect((await pay(other, { invoice_id: invoice.id })).status).toBe(402)
  expect((await pay(payer, { invoice_id: invoice.id })).status).toBe(404)
  expect((await pay(payer, { wings: 2 })).body.error.details.field).toBe('wings')
})

test('paying now by a card that is kept settles before the answer; a double click is one charge', async () => {
  const { house, stripe, paid, pay, charges, ledgerIsSound } = await startSaved()
  const { payer } = await paid(100n)
  stripe.decline('4242', 'insufficient_funds')
  const invoice = await house.invoice(payer, 4200n)
  await house.running.settle()
  expect(await house.invoiceNow(invoice)).toMatchObject({ status: 'open', collect_failures: 1 })
  expect((await pay(payer, { invoice_id: invoice.id })).body.data).toMatchObject({
    status: 'failed',
    decline_code: 'insufficient_funds',
  })
  expect(await house.invoiceNow(invoice)).toMatchObject({ collect_failures: 1 })
  stripe.decline('4242', undefined)
  const before = charges().length
  const clicks = await Promise.all([1, 2, 3].map(() => pay(payer, { invoice_id: invoice.id })))
  expect(clicks.filter(({ status }) => status === 200).map(({ body }) => body.data.status)).toContain(
    'succeeded',
  )
  expect(
    new Set(
      charges()
        .slice(before)
        .map(({ headers }) => headers['idempotency-key']),
    ).size,
  ).toBe(1)
  expect(await house.invoiceNow(invoice)).toMatchObject({ status: 'paid', collect_at: null })
  expect(await house.billing.ledger.balance('provider:stripe', 'USD')).toBe(4300n)
  expect((await pay(payer, { invoice_id: invoice.id })).status).toBe(409)
  await ledgerIsSound()
})

test('a card that was removed is charged no more and forgotten by Stripe; a new default collects what is open at once', async () => {
  const { house, stripe, paid, deliver, methods } = await startSaved()
  const { payer } = await paid(100n)
  const [first] = await methods(payer)
  stripe.decline('4242', 'stolen_card')
  const invoice = await house.invoice(payer, 500n)
  await house.running.settle()
  expect(await house.invoiceNow(invoice)).toMatchObject({ status: 'open', collect_at: null })
  expect(await methods(payer)).toMatchObject([{ id: first.id, decline_code: 'stolen_card' }])
  // Another invoice is paid on a page, by another card: it becomes the default and pays the rest.
  const second = await house.invoice(payer, 300n)
  await house.running.settle()
  const asked = await house.initiate(payer, { invoice_id: second.id })
  stripe.pay(await house.externalId('checkout', asked.body.data.payment_id), { card: '1881' })
  await deliver(stripe.message('checkout.session.completed'))
  await house.running.settle()
  await house.running.settle()
  expect(await methods(payer)).toMatchObject([
    { last4: '1881', is_default: true },
    { last4: '4242', is_default: false },
  ])
  for (const one of [invoice, second]) expect((await house.invoiceNow(one))?.status).toBe('paid')
  const removed = await house.ask('DELETE', `${path}/${first.id}`, undefined, payer.headers)
  expect(removed.body.data).toMatchObject({ id: first.id, status: 'removed', is_default: false })
  await house.running.settle()
  expect(stripe.object(await house.externalId('payment_method', first.id))['customer']).toBeNull()
  expect((await house.ask('POST', `${path}/${first.id}/default`, {}, payer.headers)).status).toBe(404)
  expect(await methods(payer)).toHaveLength(1)
  // One that goes away at Stripe itself is known to be gone.
  const [left] = await methods(payer)
  const gone = { ...stripe.object(await house.externalId('payment_method', left.id)) }
  stripe.forget(String(gone['id']))
  stripe.tell('payment_method.updated', gone)
  await deliver(stripe.message('payment_method.updated'))
  await house.running.settle()
  expect(await methods(payer)).toEqual([])
  const unpaid: Rows['invoice'] = await house.invoice(payer, 900n)
  await house.running.settle()
  expect(await house.paymentsOf(unpaid)).toEqual([])
})

test('a charge and a refund whose answers were lost are not asked for again days later, when Stripe has forgotten their keys', async () => {
  const { house, stripe, paid, charges } = await startSaved()
  const { payer, id } = await paid(100n)
  // Stripe does what it is asked for, and its answers are lost.
  stripe.loseAnswers(true)
  const invoice = await house.invoice(payer, 4200n)
  await house.api('POST', `/api/payments/${id}/refund`, { amount: 60 })
  await house.running.settle()
  const asked = charges().length
  expect(asked).toBeGreaterThan(0)
  expect(await house.invoiceNow(invoice)).toMatchObject({ status: 'open' })
  stripe.loseAnswers(false)
  stripe.forgetKeys()
  house.clock.advance(3 * 86_400_000)
  await house.running.house.payments.sweep()
  await house.running.settle()
  await house.running.settle()
  expect(charges()).toHaveLength(asked)
  expect(await house.invoiceNow(invoice)).toMatchObject({ status: 'paid' })
  expect(await house.records.get('payment', id)).toMatchObject({ refunded: 60 })
  expect(await house.billing.ledger.balance('provider:stripe', 'USD')).toBe(4240n)
})

/** Somebody with a kept card, and an invoice with an open page beside: the card was declined when it was made. */
async function startCrossing() {
  const saved = await startSaved()
  const { house, stripe, paid, charges } = saved
  const { payer } = await paid(100n)
  stripe.decline('4242', 'insufficient_funds')
  const invoice = await house.invoice(payer, 4200n)
  await house.running.settle()
  const asked = await house.initiate(payer, { invoice_id: invoice.id })
  const page = await house.externalId('checkout', asked.body.data.payment_id)
  stripe.decline('4242', undefined)
  const before = charges().length
  return {
    ...saved,
    payer,
    invoice,
    page,
    charged: () => charges().length - before,
    /** What there is of the invoice's payments, by their status. */
    ends: async () =>
      (await house.paymentsOf(invoice)).map(({ method, status }) => `${method} ${status}`).toSorted(),
    /** Everything went back that was paid a second time, once, and the customer was told once. */
    async wentBackOnce() {
      for (const _ of [1, 2]) {
        await house.running.house.payments.reconcile()
        await house.running.settle()
      }
      const where = [{ field: 'invoice_id', op: 'eq', value: invoice.id }] as const
      const refunds = (await house.records.list('refund', { where })).items
      expect(refunds).toMatchObject([
        { source: 'automatic', status: 'succeeded', amount: 4200, invoice_amount: 0 },
      ])
      expect(await house.invoiceNow(invoice)).toMatchObject({ status: 'paid', credited: 0 })
      const told = (await house.mails(payer.email)).filter(({ subject }) => subject.startsWith('Refund'))
      expect(told).toHaveLength(1)
      expect(await house.billing.ledger.balance('provider:stripe', 'USD')).toBe(4300n)
      expect(await house.billing.ledger.balance(`unapplied:${payer.organizationId}`, 'USD')).toBe(0n)
      await saved.ledgerIsSound()
    },
  }
}

test('the page of an invoice is closed before a kept card is charged, and nobody is led to another one meanwhile', async () => {
  const { house, stripe, payer, invoice, page, pay, ends } = await startCrossing()
  expect((await pay(payer, { invoice_id: invoice.id })).body.data.status).toBe('succeeded')
  expect(stripe.object(page)['status']).toBe('expired')
  expect(await ends()).toEqual(['checkout expired', 'saved failed', 'saved succeeded'])
  stripe.loseAnswers(true)
  const next = await house.invoice(payer, 300n)
  await house.running.settle()
  stripe.loseAnswers(false)
  expect((await house.initiate(payer, { invoice_id: next.id })).body.error).toMatchObject({
    type: 'conflict',
    message: 'A payment of this invoice is on its way',
  })
})

test('a page that was paid, and whose message was lost, is seen before a kept card is charged for the same', async () => {
  const { house, stripe, payer, invoice, page, pay, charged, ends } = await startCrossing()
  stripe.pay(page)
  expect((await pay(payer, { invoice_id: invoice.id })).status).toBe(409)
  expect(charged()).toBe(0)
  expect(await house.invoiceNow(invoice)).toMatchObject({ status: 'paid' })
  expect(await ends()).toEqual(['checkout succeeded', 'saved expired', 'saved failed'])
})

test('what is paid on a page that could not be closed, after a kept card was charged, goes back by itself', async () => {
  const { house, stripe, payer, invoice, page, pay, deliver, ends, wentBackOnce } = await startCrossing()
  stripe.keepPagesOpen()
  expect((await pay(payer, { invoice_id: invoice.id })).body.data.status).toBe('succeeded')
  stripe.pay(page)
  for (const _ of [1, 2]) await deliver(stripe.message('checkout.session.completed'))
  await house.running.settle()
  expect(await ends()).toEqual(['checkout flagged', 'saved failed', 'saved succeeded'])
  await wentBackOnce()
})

test('a kept card whose charge crossed a payment on the page gets it back, also when the answer about it was lost', async () => {
  const { house, stripe, payer, invoice, page, pay, deliver, ends, wentBackOnce } = await startCrossing()
  stripe.keepPagesOpen()
  stripe.loseAnswers(true)
  expect((await pay(payer, { invoice_id: invoice.id })).status).toBe(503)
  stripe.loseAnswers(false)
  stripe.pay(page)
  await deliver(stripe.message('checkout.session.completed'))
  await house.running.settle()
  expect(await house.invoiceNow(invoice)).toMatchObject({ status: 'paid' })
  house.clock.advance(3_600_000)
  await house.running.house.payments.reconcile()
  await house.running.settle()
  expect(await ends()).toEqual(['checkout succeeded', 'saved failed', 'saved flagged'])
  await wentBackOnce()
})

test('of two payments on one page the second goes back, unless the operator wants to look at it first', async () => {
  const { house, stripe, invoice, page, deliver, ends, wentBackOnce, offered } = await startCrossing()
  stripe.pay(page)
  stripe.pay(page)
  for (const message of stripe.messages.filter(({ type }) => type === 'payment_intent.succeeded').slice(-2))
    await deliver(message)
  await house.running.settle()
  expect(await house.invoiceNow(invoice)).toMatchObject({ status: 'paid' })
  expect(await ends()).toEqual(['checkout flagged', 'checkout succeeded', 'saved failed'])
  await wentBackOnce()
  await house.create('settings', { key: 'payment.refund_second', value: 'false' })
  const other = await offered(700n)
  for (const _ of [1, 2]) stripe.pay(other.page)
  for (const message of stripe.messages.filter(({ type }) => type === 'payment_intent.succeeded').slice(-2))
    await deliver(message)
  await house.running.settle()
  const flagged = (await house.paymentsOf(other.invoice)).find(({ status }) => status === 'flagged')
  expect(flagged).toMatchObject({ flag: 'paid_twice', refunded: 0 })
  const account = `unapplied:${other.payer.organizationId}`
  expect(await house.billing.ledger.balance(account, 'USD')).toBe(-700n)
  expect((await house.api('POST', `/api/payments/${flagged?.id}/refund`, {})).status).toBe(200)
  await house.running.settle()
  expect(await house.billing.ledger.balance(account, 'USD')).toBe(0n)
})

test('a card that is left without paying is kept when Stripe says so, pays what is open, and coming back grants nothing', async () => {
  const { house, stripe, deliver, offered, methods, charges, ledgerIsSound } = await startSaved()
  const { payer, invoice } = await offered(4200n)
  const customer = await house.externalId('organization', payer.organizationId)
  for (const { id } of stripe.cardsOf(customer)) stripe.forget(id)
  const asked = await house.ask('POST', path, {}, payer.headers)
  expect(asked.status, JSON.stringify(asked.body)).toBe(200)
  const page = await house.externalId('setup', payer.organizationId)
  expect(asked.body.data).toEqual({ provider: 'stripe', setup_url: stripe.object(page)['url'] })
  expect(stripe.object(page)).toMatchObject({ mode: 'setup', customer, amount_total: null })
  await house.running.house.payments.reconcile()
  expect(await methods(payer)).toEqual([])
  stripe.leaveCard(page, '1881')
  for (const _ of [1, 2]) await deliver(stripe.message('checkout.session.completed'))
  for (const _ of [1, 2]) await house.running.settle()
  expect(await methods(payer)).toMatchObject([{ last4: '1881', is_default: true, status: 'active' }])
  expect(await house.invoiceNow(invoice)).toMatchObject({ status: 'paid' })
  expect(charges()).toHaveLength(1)
  // Another one, whose messages are lost: it is seen within the hour.
  await house.ask('POST', path, {}, payer.headers)
  stripe.leaveCard(await house.externalId('setup', payer.organizationId), '0005')
  house.clock.advance(3_600_000)
  for (const _ of [1, 2]) await house.running.house.payments.reconcile()
  const last4s = (await methods(payer)).map(({ last4 }: { last4: string }) => last4)
  expect(last4s.toSorted()).toEqual(['0005', '1881'])
  house.clock.advance(3 * 86_400_000)
  await house.running.house.payments.reconcile()
  expect(await house.externalId('setup', payer.organizationId)).toBe('')
  await ledgerIsSound()
})
