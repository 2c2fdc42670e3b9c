import { expect, onTestFinished, test } from 'vitest'
import { lineOf } from '#domain/billing/invoice-line.ts'
import { makeRoute } from '#test/support/customer.ts'
import { startUpstream } from '#test/support/upstream.ts'
import type { Payer } from './paying-house.ts'
import { startStriped } from './striped-house.ts'

const dayMs = 86_400_000

/** A customer with a kept card and a key that calls a route of a real gateway, and time that is moved by hand. */
async function startDunned(settings: Readonly<Record<string, string>> = {}) {
  const striped = await startStriped()
  const { house, paid } = striped
  for (const [key, value] of Object.entries(settings)) await house.create('settings', { key, value })
  const upstream = await startUpstream()
  onTestFinished(upstream.close)
  await makeRoute(house, upstream.url)
  const { payer } = await paid(100n)
  const made = await house.ask('POST', '/api/v1/keys', { name: 'ci' }, payer.headers)
  const where = [{ field: 'organization_id', op: 'eq', value: payer.organizationId }] as const
  const [subscription] = (await house.records.list('subscription', { where })).items
  if (subscription === undefined) throw new Error('no subscription')
  const call = async () => {
    const headers = { authorization: `Bearer ${made.body.data.key}` }
    const answer = await fetch(`${house.running.gatewayUrl}/x`, { headers })
    await answer.text()
    return answer.status
  }
  let invoices = 0
  /** An open invoice of the subscription, due in 14 days. */
  const invoice = async (amountMinor: bigint) => {
    invoices += 1
    const line = lineOf('USD', { kind: 'manual', description: 'Use', amountMinor })
    const origin = `dunned:${invoices}`
    const order = { organizationId: payer.organizationId, kind: 'change', origin, currency: 'USD' } as const
    const issued = await house.billing.issue({ ...order, lines: [line], subscription })
    if (!issued.ok) throw new Error(issued.message)
    await house.running.settle()
    return issued.value.invoice
  }
  /** Lets time pass, and do what it does. */
  const pass = async (days: number) => {
    house.clock.advance(days * dayMs)
    await house.running.house.subscriptions.carryOut()
    await house.billing.run()
    await house.running.house.payments.sweep()
    await house.running.settle()
    await house.running.settle()
  }
  const standing = async () => house.records.get('subscription', subscription.id)
  const subjects = async (word: string) =>
    (await house.mails(payer.email)).filter(({ subject }) => subject.includes(word)).length
  /** The customer signs in again: their token does not outlive a week. */
  const back = async (): Promise<Payer> => {
    const { body } = await house.login(payer.email)
    return { ...payer, headers: { ...house.bearer(body.data.token), ...house.fresh() } }
  }
  return { ...striped, payer, back, subscription, call, invoice, pass, standing, subjects }
}

const pay = (house: Awaited<ReturnType<typeof startStriped>>['house'], { headers }: Payer, id: string) =>
  house.ask('POST', '/api/v1/billing/pay', { invoice_id: id }, headers)

test('a declined card is tried after 2, 5, 7 and 7 days, the customer is served through the grace, blocked after it, and served by the very next request after paying', async () => {
  const { house, stripe, back, call, invoice, pass, standing, subjects } = await startDunned()
  stripe.decline('4242', 'insufficient_funds')
  const { id } = await invoice(6000n)
  const tries = async () => {
    const { items } = await house.records.list('payment', {
      where: [{ field: 'invoice_id', op: 'eq', value: id }],
    })
    return items.length
  }
  expect(await tries()).toBe(1)
  expect(await standing()).toMatchObject({ status: 'past_due', dunning_policy: 'block' })
  expect(await call()).toBe(200)
  const seen: string[] = []
  // The day before a try, and its day.
  for (const [from, day] of [
    [0, 1],
    [1, 2],
    [2, 6],
    [6, 7],
    [7, 13],
    [13, 14],
    [14, 20],
  ] as const) {
    await pass(day - from)
    seen.push(`day ${day}: ${await tries()} tries, answered ${await call()}`)
  }
  expect(seen).toEqual([
    'day 1: 1 tries, answered 200',
    'day 2: 2 tries, answered 200',
    'day 6: 2 tries, answered 200',
    'day 7: 3 tries, answered 200',
    'day 13: 3 tries, answered 200',
    'day 14: 4 tries, answered 200',
    'day 20: 4 tries, answered 200',
  ])
  expect(await house.records.get('invoice', id)).toMatchObject({ status: 'overdue' })
  await pass(1)
  expect(await tries()).toBe(5)
  expect(await call()).toBe(402)
  await pass(30)
  expect(await tries()).toBe(5)
  expect(await call()).toBe(402)
  expect([await subjects('has failed'), await subjects('overdue'), await subjects('restricted')]).toEqual([
    5, 1, 1,
  ])
  expect(await standing()).toMatchObject({ status: 'past_due', mail_due: false })
  // Paying opens the gateway before it is answered.
  stripe.decline('4242', undefined)
  expect((await pay(house, await back(), id)).body.data.status).toBe('succeeded')
  expect(await call()).toBe(200)
  expect(await standing()).toMatchObject({ status: 'active', grace_until: null, restricted_at: null })
  await pass(1)
  expect([await subjects('has failed'), await subjects('overdue'), await subjects('restricted')]).toEqual([
    5, 1, 1,
  ])
})

test('where the policy is to throttle, few requests a minute are served after the grace, and all of them once a webhook has paid', async () => {
  const { house, stripe, back, deliver, call, invoice, pass, standing, subscription } = await startDunned({
    'billing.grace_days': '3',
    'billing.throttle_per_minute': '2',
  })
  await house.api('PATCH', `/api/plans/${subscription.plan_id}`, { dunning_policy: 'throttle' })
  stripe.decline('4242', 'lost_card')
  const { id } = await invoice(6000n)
  expect(await standing()).toMatchObject({ status: 'past_due', dunning_policy: 'throttle' })
  await pass(16)
  expect([await call(), await call(), await call()]).toEqual([200, 200, 200])
  await pass(1)
  expect(await standing()).toMatchObject({ throttle_per_minute: 2 })
  expect([await call(), await call(), await call()]).toEqual([200, 200, 429])
  const asked = await house.initiate(await back(), { invoice_id: id })
  stripe.pay(await house.externalId('checkout', asked.body.data.payment_id), { card: '1881' })
  await deliver(stripe.message('checkout.session.completed'))
  await house.running.settle()
  expect([await call(), await call(), await call(), await call()]).toEqual([200, 200, 200, 200])
})

test('a hard decline is not tried again until the card changes, and then at once; with two invoices both have to be paid', async () => {
  const { house, stripe, back, invoice, pass, standing, call } = await startDunned()
  stripe.decline('4242', 'expired_card')
  const [first, second] = [await invoice(1000n), await invoice(2000n)]
  await pass(22)
  expect(await call()).toBe(402)
  for (const { id } of [first, second])
    expect(await house.records.get('invoice', id)).toMatchObject({
      status: 'overdue',
      collect_at: null,
      collect_failures: 1,
    })
  // One of them is paid by hand: the other still stands in the way.
  const settled = { payment_id: 'bank 1', amount: 1000, currency: 'USD' }
  expect((await house.api('POST', `/admin/billing/invoices/${first.id}/settle`, settled)).status).toBe(200)
  expect((await standing())?.status).toBe('past_due')
  // The bank has sent a new card under the same number; the customer says so by making it the default again.
  stripe.decline('4242', undefined)
  const { headers } = await back()
  const [method] = (await house.ask('GET', '/api/v1/billing/payment-methods', undefined, headers)).body.data
  await house.ask('POST', `/api/v1/billing/payment-methods/${method.id}/default`, {}, headers)
  await house.running.settle()
  expect(await house.records.get('invoice', second.id)).toMatchObject({ status: 'paid' })
  expect(await call()).toBe(200)
})

test('who keeps no card is past due with the due date, and is served again once the invoice is taken back', async () => {
  const { house, payer, invoice, pass, standing, call } = await startDunned()
  const [method] = (await house.ask('GET', '/api/v1/billing/payment-methods', undefined, payer.headers)).body
    .data
  await house.ask('DELETE', `/api/v1/billing/payment-methods/${method.id}`, undefined, payer.headers)
  const { id } = await invoice(1000n)
  await pass(13)
  expect((await standing())?.status).toBe('active')
  await pass(2)
  expect((await standing())?.status).toBe('past_due')
  await pass(6)
  expect(await call()).toBe(200)
  await pass(1)
  expect(await call()).toBe(402)
  expect((await house.api('POST', `/admin/billing/invoices/${id}/void`, {})).status).toBe(200)
  expect(await call()).toBe(200)
})

test('with an organization that is closed end its subscriptions at once, and what is open is collected by the card it kept', async () => {
  const { house, stripe, payer, invoice, standing, call, subscription, pass } = await startDunned()
  stripe.decline('4242', 'insufficient_funds')
  const { id } = await invoice(1000n)
  stripe.decline('4242', undefined)
  const closed = await house.api('PATCH', `/api/organizations/${payer.organizationId}`, { status: 'closed' })
  expect(closed.status, JSON.stringify(closed.body)).toBe(200)
  expect(await call()).toBe(403)
  expect(await standing()).toMatchObject({ status: 'ended', due_at: null })
  await house.running.settle()
  expect(await house.records.get('invoice', id)).toMatchObject({ status: 'paid' })
  // The period that was running is invoiced up to that moment, once.
  await pass(40)
  const where = [
    { field: 'subscription_id', op: 'eq', value: subscription.id },
    { field: 'kind', op: 'eq', value: 'period' },
  ] as const
  expect((await house.records.list('invoice', { where })).items.length).toBeLessThanOrEqual(1)
  expect(await house.billing.ledger.check()).toMatchObject({ unbalanced: [], drifted: [] })
})
