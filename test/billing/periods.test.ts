import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { closePeriods } from '#app/billing/close-periods.ts'
import { mailInvoices } from '#app/billing/mail-invoices.ts'
import { readConfig } from '#bootstrap/config.ts'
import { openHouse } from '#bootstrap/open-house.ts'
import { systemActor } from '#contract/actor.ts'
import type { SendMail } from '#ports/mail.ts'
import { frozenClock } from '#test/support/frozen-clock.ts'
import { type BillingHouse, openBillingHouse } from './billing-house.ts'

/** The ledger is right, and every finalized invoice comes out of its raw events again. */
async function expectAllRight({ house, invoices }: BillingHouse) {
  expect(await house.billing.ledger.check()).toMatchObject({ unbalanced: [], drifted: [] })
  expect(await house.billing.ledger.imbalance()).toBe(0n)
  for (const invoice of await invoices()) {
    if (invoice.status === 'draft') continue
    expect(await house.billing.verify(invoice.id)).toMatchObject({ ok: true, value: { ok: true } })
  }
}

/** Closes the periods that have ended before time has done to subscriptions what it does. */
async function closeFaster({ house, clock }: BillingHouse) {
  const { records, invokeAll } = house.engine
  const log = { debug() {}, info() {}, warn() {}, error() {} }
  expect(await closePeriods({ records, invokeAll, clock, log }, 3_600_000)).toMatchObject({ failed: 0 })
}

/** The periods of a subscription that are invoiced, and their totals. */
async function periodsOf({ invoices }: BillingHouse, id: string) {
  const shown = await invoices({ subscription_id: id })
  return shown
    .map(({ period_start, period_end, total }) => [period_start, period_end, total])
    .sort(([one], [other]) => String(one).localeCompare(String(other)))
}

test('starter with 15,000 calls in a month is an invoice of exactly 60.00 USD', async () => {
  const billing = await openBillingHouse()
  const customer = await billing.customer('starter')
  for (let day = 3; day < 18; day += 1)
    await billing.use(customer, `2026-11-${String(day).padStart(2, '0')}T12:00:00Z`, 1000)
  expect(await billing.runAt('2026-12-01T00:00:00Z')).toMatchObject({ drafted: 1, finalized: 0 })
  expect(await billing.invoices({ subscription_id: customer.subscriptionId })).toMatchObject([
    { status: 'draft', number: null, period_start: '2026-11-01T00:00:00.000Z' },
  ])
  expect(await billing.runAt('2026-12-01T00:59:59.999Z')).toMatchObject({ finalized: 0 })
  expect(await billing.runAt('2026-12-01T01:00:00Z')).toMatchObject({ finalized: 1, failed: 0 })
  const [invoice] = await billing.invoices({ subscription_id: customer.subscriptionId })
  expect(invoice).toMatchObject({
    status: 'open',
    number: expect.stringMatching(/^INV-2026-000001$/),
    units: 15_000,
    event_count: 15_000,
    subtotal: 6000,
    total: 6000,
    amount_due: 6000,
    due_at: '2026-12-15T01:00:00.000Z',
  })
  if (invoice === undefined) return
  expect(await billing.lines(invoice)).toEqual(['base 1 x 10 = 1000', 'overage 5000 x 0.01 = 5000'])
  const paid = await billing.house.billing.settle(invoice.id, {
    id: 'pay_1',
    provider: 'dummy',
    amountMinor: 6000n,
    currency: 'USD',
    paidAtMs: billing.clock.now(),
  })
  expect(paid).toMatchObject({ ok: true, value: { isNew: true, invoice: { status: 'paid', amount_due: 0 } } })
  const { ledger } = billing.house.billing
  expect(await ledger.balance('provider:dummy', 'USD')).toBe(6000n)
  expect(await ledger.balance('revenue', 'USD')).toBe(-6000n)
  expect(await ledger.balance(`receivable:${customer.organizationId}`, 'USD')).toBe(0n)
  expect(await ledger.balance('deferred', 'USD')).toBe(0n)
  await expectAllRight(billing)
})

test('usage belongs to the period of its moment, UTC: the last millisecond of a month to that month', async () => {
  const billing = await openBillingHouse()
  const customer = await billing.customer('starter')
  await billing.use(customer, '2026-11-30T23:59:59.999Z', 1, 10_007)
  await billing.use(customer, '2026-12-01T00:00:00.000Z', 1, 10_003)
  await billing.use(customer, '2026-12-31T23:59:59.999Z', 1, 1)
  await billing.runAt('2026-12-01T01:00:00Z')
  await billing.runAt('2027-01-01T01:00:00Z')
  const invoices = await billing.invoices({ subscription_id: customer.subscriptionId })
  expect(invoices.map(({ units, total }) => [units, total])).toEqual([
    [10_007, 1007],
    [10_004, 1004],
  ])
  await expectAllRight(billing)
})

test('a biller that was away for months makes up for each of them, in order and without a gap', async () => {
  const billing = await openBillingHouse()
  const customer = await billing.customer('starter')
  for (const month of ['2026-11', '2027-01', '2027-02'])
    await billing.use(customer, `${month}-15T12:00:00Z`, 1, 10_001)
  expect(await billing.runAt('2027-03-02T00:00:00Z')).toMatchObject({ drafted: 4, finalized: 4 })
  const invoices = await billing.invoices({ subscription_id: customer.subscriptionId })
  const shown = invoices.map(({ period_start, total }) => `${period_start?.slice(0, 7)} ${total}`).sort()
  expect(shown).toEqual(['2026-11 1001', '2026-12 1000', '2027-01 1001', '2027-02 1001'])
  expect(invoices.map(({ sequence }) => sequence ?? 0).sort((a, b) => a - b)).toEqual([1, 2, 3, 4])
  await expectAllRight(billing)
})

test('a biller that did not see yet that the days of a subscription have moved makes up for it, and closes no period early', async () => {
  const billing = await openBillingHouse()
  const customer = await billing.customer('free')
  const id = customer.subscriptionId
  await billing.runAt('2026-12-01T01:00:00Z')
  const plan = { name: 'daily', price_monthly: 3000, billing_anchor: 'start_day' }
  const plan_id = await billing.write('plan', 'create', plan)
  billing.clock.set('2026-12-20T12:00:00Z')
  await billing.write('subscription', 'change_plan', { plan_id }, id)
  // What it worked out from the record before: the end of the month.
  await billing.write('subscription', 'bill_next', { bill_at: '2027-01-01T00:00:00.000Z' }, id)
  expect(await billing.runAt('2027-01-01T01:00:00Z')).toMatchObject({ drafted: 1, failed: 0 })
  await billing.runAt('2027-01-20T01:00:00Z')
  expect(await periodsOf(billing, id)).toEqual([
    ['2026-11-01T00:00:00.000Z', '2026-12-01T00:00:00.000Z', 0],
    ['2026-12-01T00:00:00.000Z', '2026-12-20T12:00:00.000Z', 0],
    ['2026-12-20T12:00:00.000Z', '2027-01-20T00:00:00.000Z', 3000],
  ])
  await expectAllRight(billing)
})

test('days that move on the first of a month, while a biller closes the month before, leave no hour without an invoice', async () => {
  const billing = await openBillingHouse()
  const customer = await billing.customer('free')
  const id = customer.subscriptionId
  const plan = { name: 'daily', price_monthly: 3000, billing_anchor: 'start_day' }
  const plan_id = await billing.write('plan', 'create', plan)
  await billing.runAt('2026-12-01T00:10:00Z')
  billing.clock.set('2026-12-01T00:30:00Z')
  await billing.write('subscription', 'change_plan', { plan_id }, id)
  // The end of the month before the change, which is that of the first period after it as well.
  await billing.write('subscription', 'bill_next', { bill_at: '2027-01-01T00:00:00.000Z' }, id)
  expect(await billing.runAt('2027-01-01T01:00:00Z')).toMatchObject({ drafted: 2, failed: 0 })
  expect(await periodsOf(billing, id)).toEqual([
    ['2026-11-01T00:00:00.000Z', '2026-12-01T00:00:00.000Z', 0],
    ['2026-12-01T00:00:00.000Z', '2026-12-01T00:30:00.000Z', 0],
    ['2026-12-01T00:30:00.000Z', '2027-01-01T00:00:00.000Z', 3000],
  ])
  expect(await billing.house.billing.run()).toMatchObject({ drafted: 0, failed: 0 })
  await expectAllRight(billing)
})

test.each([
  ['before it', [], ['2027-01-01T01:00:00Z', '2027-02-01T01:00:00Z']],
  ['at once with it', ['2027-01-11T00:00:00.000Z'], ['2027-01-11T01:00:00Z', '2027-02-01T01:00:00Z']],
])(
  'a scheduled plan with other days joins the month that the biller closed %s, and the biller goes on',
  async (_when, notes, runs) => {
    const billing = await openBillingHouse()
    const daily = { name: 'daily', price_monthly: 3000, billing_anchor: 'start_day' }
    await billing.write('plan', 'create', daily)
    const small = await billing.write('plan', 'create', { name: 'small', price_monthly: 3100 })
    billing.clock.set('2026-11-11T12:00:00Z')
    const { subscriptionId: id } = await billing.customer('daily')
    await billing.write('subscription', 'schedule_plan', { plan_id: small }, id)
    billing.clock.set('2026-12-11T00:00:00Z')
    await closeFaster(billing)
    await billing.runAt('2026-12-11T01:00:00Z')
    for (const bill_at of notes) await billing.write('subscription', 'bill_next', { bill_at }, id)
    for (const at of runs) expect(await billing.runAt(at), at).toMatchObject({ drafted: 1, failed: 0 })
    expect((await periodsOf(billing, id)).slice(-3)).toEqual([
      ['2026-11-11T12:00:00.000Z', '2026-12-11T00:00:00.000Z', 3000],
      ['2026-12-11T00:00:00.000Z', '2027-01-01T00:00:00.000Z', 2100],
      ['2027-01-01T00:00:00.000Z', '2027-02-01T00:00:00.000Z', 3100],
    ])
    await expectAllRight(billing)
  },
)

test('periods that are closed stay: a scheduled plan that was seen to a period late keeps their days', async () => {
  const billing = await openBillingHouse()
  await billing.write('plan', 'create', { name: 'daily', price_monthly: 3000, billing_anchor: 'start_day' })
  const small = await billing.write('plan', 'create', { name: 'small', price_monthly: 3100 })
  billing.clock.set('2026-11-11T12:00:00Z')
  const { subscriptionId: id } = await billing.customer('daily')
  await billing.write('subscription', 'schedule_plan', { plan_id: small }, id)
  billing.clock.set('2027-01-11T01:00:00Z')
  await closeFaster(billing)
  expect(await billing.runAt('2027-02-11T01:00:00Z')).toMatchObject({ drafted: 1, failed: 0 })
  expect((await periodsOf(billing, id)).slice(-3)).toMatchObject([
    ['2026-11-11T12:00:00.000Z', '2026-12-11T00:00:00.000Z', 3000],
    ['2026-12-11T00:00:00.000Z', '2027-01-11T00:00:00.000Z', 3100],
    ['2027-01-11T00:00:00.000Z', '2027-02-11T00:00:00.000Z', 3100],
  ])
})

test('plans that are tried out back and forth in a trial move the days once, not each time', async () => {
  const billing = await openBillingHouse()
  const daily = { name: 'daily', price_monthly: 3000, trial_days: 30, billing_anchor: 'start_day' }
  const plans = [
    await billing.write('plan', 'create', daily),
    await billing.write('plan', 'create', { name: 'monthly', price_monthly: 3000 }),
  ]
  const { subscriptionId: id } = await billing.customer('free')
  for (let minute = 10; minute < 20; minute += 1) {
    billing.clock.set(`2026-11-20T12:${minute}:00Z`)
    await billing.write('subscription', 'change_plan', { plan_id: plans[minute % 2] }, id)
  }
  expect(await billing.runAt('2026-12-31T00:00:00Z')).toMatchObject({ drafted: 2, failed: 0 })
  expect((await periodsOf(billing, id)).map((period) => period.slice(0, 2))).toEqual([
    ['2026-11-01T00:00:00.000Z', '2026-11-20T12:10:00.000Z'],
    ['2026-11-20T12:10:00.000Z', '2026-12-20T00:00:00.000Z'],
  ])
})

test('usage that comes after the invoice is a line of the next one, for the period that it belongs to', async () => {
  const billing = await openBillingHouse()
  const customer = await billing.customer('starter')
  await billing.use(customer, '2026-11-10T00:00:00Z', 1, 10_000)
  await billing.runAt('2026-12-01T01:00:00Z')
  await billing.use(customer, '2026-11-20T00:00:00Z', 3, 100)
  await billing.runAt('2026-12-05T00:00:00Z')
  await billing.use(customer, '2026-11-21T00:00:00Z', 1, 50)
  await billing.runAt('2027-01-01T01:00:00Z')
  const [november, december] = await billing.invoices({ subscription_id: customer.subscriptionId })
  if (november === undefined || december === undefined) throw new Error('two invoices')
  expect(november).toMatchObject({ total: 1000, units: 10_000, event_count: 1 })
  expect(await billing.lines(december)).toEqual(['base 1 x 10 = 1000', 'true_up 1 x 3.5 = 350'])
  expect(december).toMatchObject({ total: 1350, units: 0 })
  await expectAllRight(billing)
  // Billed once: the month after has nothing of it.
  await billing.runAt('2027-02-01T01:00:00Z')
  const january = (await billing.invoices({ subscription_id: customer.subscriptionId })).at(-1)
  expect(january).toMatchObject({ total: 1000 })
})

test('late usage is billed once, also where the biller was away and finalizes two months at once', async () => {
  const billing = await openBillingHouse('2026-10-01T00:00:00.000Z')
  const customer = await billing.customer('starter')
  await billing.runAt('2026-11-01T01:00:00Z')
  await billing.use(customer, '2026-10-20T00:00:00Z', 1, 10_100)
  expect(await billing.runAt('2027-01-02T00:00:00Z')).toMatchObject({ finalized: 2 })
  const invoices = await billing.invoices({ subscription_id: customer.subscriptionId })
  expect(invoices.map(({ total }) => total)).toEqual([1000, 1100, 1000])
  await expectAllRight(billing)
})

test('a biller that is the first to run after an outage knows what time has brought to subscriptions', async () => {
  const billing = await openBillingHouse('2026-11-01T00:00:00.000Z')
  await billing.write('plan', 'create', { name: 'team', price_monthly: 3000, trial_days: 14 })
  const trial = await billing.customer('team')
  const down = await billing.customer('pro')
  const { items } = await billing.house.engine.records.list('plan', {
    where: [{ field: 'name', op: 'eq', value: 'starter' }],
  })
  await billing.write('subscription', 'schedule_plan', { plan_id: items[0]?.id }, down.subscriptionId)
  billing.clock.set('2027-01-02T00:00:00Z')
  await billing.house.billing.run()
  const totals = async ({ subscriptionId }: { subscriptionId: string }) =>
    (await billing.invoices({ subscription_id: subscriptionId })).map(({ total }) => total)
  expect(await totals(trial)).toEqual([1600, 3000])
  expect(await totals(down)).toEqual([5000, 1000])
})

test('late usage that makes a period cheaper is a credit note for its invoice', async () => {
  const billing = await openBillingHouse()
  const tiers = [
    { up_to: 100, unit_price: '0.10' },
    { up_to: null, unit_price: '0.01' },
  ]
  await billing.write('plan', 'create', {
    name: 'volume',
    price_model: 'volume',
    tiers,
    requests_per_month: -1,
  })
  const customer = await billing.customer('volume')
  await billing.use(customer, '2026-11-10T00:00:00Z', 1, 100)
  await billing.runAt('2026-12-01T01:00:00Z')
  await billing.use(customer, '2026-11-20T00:00:00Z', 1, 50)
  await billing.runAt('2027-01-01T01:00:00Z')
  const [november] = await billing.invoices({ subscription_id: customer.subscriptionId })
  expect(november).toMatchObject({ total: 1000, credited: 850, amount_due: 150 })
  await expectAllRight(billing)
})

test('late usage of a subscription that is over gets an invoice of its own', async () => {
  const billing = await openBillingHouse()
  const customer = await billing.customer('starter')
  await billing.use(customer, '2026-11-10T00:00:00Z', 1, 10_000)
  await billing.write('subscription', 'cancel', {}, customer.subscriptionId)
  await billing.runAt('2026-12-01T01:00:00Z')
  await billing.use(customer, '2026-11-20T00:00:00Z', 1, 100)
  expect(await billing.runAt('2026-12-03T00:00:00Z')).toMatchObject({ late: 1 })
  const late = (await billing.invoices({ subscription_id: customer.subscriptionId })).at(-1)
  expect(late).toMatchObject({ kind: 'true_up', total: 100, period_start: '2026-11-01T00:00:00.000Z' })
  expect(await billing.runAt('2027-02-03T00:00:00Z')).toMatchObject({ late: 0, drafted: 0 })
  await expectAllRight(billing)
})

test('tax is that of the customer, else of the country, and none for who is exempt; each rounded once', async () => {
  const billing = await openBillingHouse()
  const { write } = billing
  await write('tax_rate', 'create', { name: 'VAT', country: 'DE', percent: '19' })
  await write('tax_rate', 'create', { name: 'GST', country: 'CA', percent: '5' })
  await write('tax_rate', 'create', { name: 'QST', country: 'CA', percent: '9.975' })
  const totals: Record<string, readonly (number | undefined)[]> = {}
  for (const [name, profile] of [
    ['DE', { country: 'DE' }],
    ['CA', { country: 'CA' }],
    ['FR', { country: 'FR' }],
    ['exempt', { country: 'DE', tax_exempt: true }],
    ['own', { country: 'DE' }],
  ] as const) {
    const customer = await billing.customer('starter')
    await write('billing_profile', 'create', { organization_id: customer.organizationId, ...profile })
    if (name === 'own')
      await write('tax_rate', 'create', {
        name: 'VAT reduced',
        country: 'DE',
        percent: '7',
        organization_id: customer.organizationId,
      })
    await billing.runAt('2026-12-01T01:00:00Z')
    const [invoice] = await billing.invoices({ subscription_id: customer.subscriptionId })
    totals[name] = [invoice?.subtotal, invoice?.tax, invoice?.total]
    billing.clock.set('2026-11-05T00:00:00Z')
  }
  expect(totals).toEqual({
    DE: [1000, 190, 1190],
    CA: [1000, 150, 1150],
    FR: [1000, 0, 1000],
    exempt: [1000, 0, 1000],
    own: [1000, 70, 1070],
  })
  await expectAllRight(billing)
})

test('prepaid credit pays first: what is used first, what expires, what is bought and what is left agree with the ledger', async () => {
  const billing = await openBillingHouse()
  const { credit, ledger, settle } = billing.house.billing
  const customer = await billing.customer('pro')
  const { organizationId } = customer
  const gift = { organizationId, currency: 'USD' }
  await credit.give({ ...gift, origin: 'a', amountMinor: 1000n, priority: 200 })
  await credit.give({
    ...gift,
    origin: 'b',
    amountMinor: 700n,
    expiresAtMs: Date.parse('2026-12-15T00:00:00Z'),
  })
  await credit.give({ ...gift, origin: 'b', amountMinor: 700n })
  await credit.give({
    ...gift,
    origin: 'c',
    amountMinor: 4000n,
    expiresAtMs: Date.parse('2026-11-20T00:00:00Z'),
  })
  await billing.runAt('2026-11-21T00:00:00Z')
  expect(await credit.left(organizationId, 'USD')).toBe(1700n)
  await billing.runAt('2026-12-01T01:00:00Z')
  const [invoice] = await billing.invoices({ subscription_id: customer.subscriptionId })
  expect(invoice).toMatchObject({ total: 5000, credit_applied: 1700, amount_due: 3300, status: 'open' })
  const sold = await credit.sell({ ...gift, origin: 'buy', amountMinor: 2500n })
  if (!sold.ok) throw new Error(sold.message)
  expect(await credit.left(organizationId, 'USD')).toBe(0n)
  const payment = { id: 'pay_1', provider: 'dummy', amountMinor: 2500n, currency: 'USD', paidAtMs: 0 }
  expect((await settle(sold.value.invoice.id, payment)).ok).toBe(true)
  expect(await credit.left(organizationId, 'USD')).toBe(2500n)
  expect(await ledger.balance(`credit:${organizationId}`, 'USD')).toBe(-2500n)
  expect(await ledger.balance('promotion', 'USD')).toBe(1700n)
  // Orders of what nobody will pay are bounded, in size and in number: the ledger of all is made of them.
  expect(await credit.sell({ ...gift, origin: 'vast', amountMinor: 100_000_000_001n })).toMatchObject({
    code: 'validation_error',
  })
  const orders = []
  for (let order = 0; order < 11; order += 1)
    orders.push((await credit.sell({ ...gift, origin: `order ${order}`, amountMinor: 1n })).ok)
  expect(orders).toEqual([...Array(10).fill(true), false])
  // What was only ordered is owed by nobody, and lapses; so does a top-up, which is not asked for again and again.
  const topUp = { organization_id: organizationId, top_up_below: 9000, top_up_amount: 1000 }
  await billing.write('billing_profile', 'create', topUp)
  const overdue = { status: 'overdue', organization_id: organizationId }
  expect(await billing.runAt('2026-12-16T00:00:00Z')).toMatchObject({ expired: 10, topped_up: 1 })
  expect(await billing.runAt('2026-12-31T00:00:00Z')).toMatchObject({ expired: 1, topped_up: 0 })
  expect(await billing.runAt('2026-12-31T01:00:00Z')).toMatchObject({ expired: 0, topped_up: 0 })
  expect(await billing.invoices({ ...overdue, kind: 'credit' })).toEqual([])
  expect(await billing.invoices(overdue)).toHaveLength(1)
  await expectAllRight(billing)
})

test('only the amount and currency that are due settle an invoice, once; the same payment again changes nothing', async () => {
  const billing = await openBillingHouse()
  const customer = await billing.customer('starter')
  await billing.runAt('2026-12-01T01:00:00Z')
  const [invoice] = await billing.invoices({ subscription_id: customer.subscriptionId })
  const { settle, ledger } = billing.house.billing
  const pay = (over: object) =>
    settle(invoice?.id ?? '', {
      id: 'pay_1',
      provider: 'dummy',
      amountMinor: 1000n,
      currency: 'USD',
      paidAtMs: billing.clock.now(),
      ...over,
    })
  expect(await pay({ amountMinor: 999n })).toMatchObject({ ok: false, details: { reason: 'wrong_amount' } })
  expect(await pay({ currency: 'EUR' })).toMatchObject({ ok: false, details: { reason: 'wrong_currency' } })
  const outcomes = await Promise.all([pay({}), pay({}), pay({ id: 'pay_2' })])
  const isNew = outcomes.map((one) => (one.ok ? one.value.isNew : one.details?.['reason']))
  expect(isNew.filter((one) => one === true)).toHaveLength(1)
  expect(isNew).toContain('already_paid')
  expect(await pay({ id: 'pay_3' })).toMatchObject({ ok: false, details: { reason: 'already_paid' } })
  expect(await ledger.balance('provider:dummy', 'USD')).toBe(1000n)
  await expectAllRight(billing)
})

test('credit notes, void and write-off undo what the invoice did, and never more than it was', async () => {
  const billing = await openBillingHouse()
  await billing.write('tax_rate', 'create', { name: 'VAT', country: 'DE', percent: '19' })
  const customer = await billing.customer('starter')
  await billing.write('billing_profile', 'create', {
    organization_id: customer.organizationId,
    country: 'DE',
  })
  const { creditNote, voidInvoice, writeOff, settle, issue, credit, ledger } = billing.house.billing
  await billing.runAt('2026-12-01T01:00:00Z')
  const [invoice] = await billing.invoices({ subscription_id: customer.subscriptionId })
  const id = invoice?.id ?? ''
  const note = { invoiceId: id, reason: 'An outage' }
  expect(await creditNote({ ...note, origin: 'n1', amountMinor: 333n })).toMatchObject({
    ok: true,
    value: { number: 'CN-2026-000001', subtotal: 333, tax: 63, total: 396, off_due: 396 },
  })
  expect(await creditNote({ ...note, origin: 'n1', amountMinor: 333n })).toMatchObject({ ok: true })
  expect(await creditNote({ ...note, origin: 'n2', amountMinor: 668n })).toMatchObject({
    ok: false,
    code: 'conflict',
  })
  expect(await voidInvoice(id)).toMatchObject({ ok: false, code: 'conflict' })
  const due = 1190 - 396
  const payment = { id: 'p', provider: 'dummy', amountMinor: BigInt(due), currency: 'USD', paidAtMs: 0 }
  expect(await settle(id, payment)).toMatchObject({ ok: true })
  expect(await creditNote({ ...note, origin: 'n3', amountMinor: 667n })).toMatchObject({
    ok: true,
    value: { tax: 127 },
  })
  expect(await credit.left(customer.organizationId, 'USD')).toBe(BigInt(due))
  const line = { kind: 'manual', description: 'Setup', quantity: 1, unitMicros: 0n, amountMinor: 500n }
  const order = {
    organizationId: customer.organizationId,
    kind: 'manual',
    currency: 'USD',
    lines: [line],
  } as const
  const gone = await issue({ ...order, origin: 'gone' })
  if (gone.ok) expect(await voidInvoice(gone.value.invoice.id)).toMatchObject({ ok: false })
  // Two notes at once: each sees what the other one took, and nothing is earned of what is not left.
  const twice = await issue({ ...order, origin: 'twice', lines: [{ ...line, amountMinor: 10_000n }] })
  if (!twice.ok) throw new Error(twice.message)
  const revenue = await ledger.balance('revenue', 'USD')
  const both = { invoiceId: twice.value.invoice.id, reason: 'An outage' }
  const notes = await Promise.all([
    creditNote({ ...both, origin: 'n4', amountMinor: 3000n }),
    creditNote({ ...both, origin: 'n5', amountMinor: 7000n }),
  ])
  expect(notes.map(({ ok }) => ok)).toEqual([true, true])
  expect(await ledger.balance('revenue', 'USD')).toBe(revenue)
  expect(await creditNote({ ...both, origin: 'n5', amountMinor: 1n })).toMatchObject({
    code: 'idempotency_mismatch',
  })
  const lost = await issue({ ...order, origin: 'lost' })
  if (lost.ok && lost.value.invoice.status === 'open')
    expect(await writeOff(lost.value.invoice.id)).toMatchObject({
      ok: true,
      value: { status: 'uncollectible' },
    })
  const left = await credit.left(customer.organizationId, 'USD')
  expect(await ledger.balance(`credit:${customer.organizationId}`, 'USD')).toBe(-left)
  await expectAllRight(billing)
})

test('what a customer downloads has the hash that stands on the invoice', async () => {
  const billing = await openBillingHouse()
  const customer = await billing.customer('starter')
  await billing.use(customer, '2026-11-10T00:00:00Z', 6001)
  await billing.runAt('2026-12-01T01:00:00Z')
  await billing.use(customer, '2026-11-11T00:00:00Z', 5)
  const [invoice] = await billing.invoices({ subscription_id: customer.subscriptionId })
  const set = await billing.house.billing.eventSets(invoice?.number ?? '', customer.organizationId)
  if (!set.ok) throw new Error(set.message)
  let text = ''
  for await (const piece of set.value.text) text += piece
  expect(text.split('\n')).toHaveLength(6003)
  expect(createHash('sha256').update(text).digest('hex')).toBe(invoice?.event_set_hash)
  expect(await billing.house.billing.eventSets(invoice?.id ?? '', 'org_other')).toMatchObject({
    code: 'not_found',
  })
})

test('an event that is taken away afterwards is found: the invoice does not come out again', async () => {
  const billing = await openBillingHouse()
  const customer = await billing.customer('starter')
  await billing.use(customer, '2026-11-10T00:00:00Z', 3, 5000)
  await billing.runAt('2026-12-01T01:00:00Z')
  const [invoice] = await billing.invoices({ subscription_id: customer.subscriptionId })
  await sql`delete from usage_events where id like '%_1'`.execute(billing.house.database.db)
  const verified = await billing.house.billing.verify(invoice?.id ?? '')
  const failed = verified.ok ? verified.value.checks.filter(({ ok }) => !ok).map(({ check }) => check) : []
  expect(failed).toEqual(['events', 'units', 'event set hash', 'lines', 'the period with its late usage'])
})

test('a plan that takes first months in parts from now on changes nothing of those that were sold whole', async () => {
  const billing = await openBillingHouse('2026-11-20T10:00:00.000Z')
  await billing.write('plan', 'create', { name: 'late', price_monthly: 3000, requests_per_month: -1 })
  const customer = await billing.customer('late')
  await billing.runAt('2026-12-01T01:00:00Z')
  const plan = await billing.house.engine.records.getBy('plan', 'name', 'late')
  await billing.write('plan', 'update', { prorate_start: true }, plan?.id)
  await billing.use(customer, '2026-11-25T00:00:00Z', 1)
  await billing.runAt('2027-01-01T01:00:00Z')
  const invoices = await billing.invoices({ subscription_id: customer.subscriptionId })
  expect(invoices.map(({ total, credited }) => [total, credited])).toEqual([
    [3000, 0],
    [3000, 0],
  ])
  await expectAllRight(billing)
})

test('a coupon for one plan takes nothing off the time of another', async () => {
  const billing = await openBillingHouse('2026-11-01T00:00:00.000Z')
  const plans = billing.house.engine.records
  const [starter, pro] = await Promise.all(
    ['starter', 'pro'].map((name) => plans.getBy('plan', 'name', name)),
  )
  await billing.write('coupon', 'create', {
    code: 'STARTFREE',
    basis_points: 10_000,
    duration: 'forever',
    plan_id: starter?.id,
  })
  const customer = await billing.customer('starter')
  await billing.write('subscription', 'redeem_coupon', { code: 'STARTFREE' }, customer.subscriptionId)
  billing.clock.set('2026-11-16T00:00:00Z')
  await billing.write('subscription', 'change_plan', { plan_id: pro?.id }, customer.subscriptionId)
  await billing.runAt('2026-12-01T01:00:00Z')
  await billing.runAt('2027-01-01T01:00:00Z')
  const invoices = await billing.invoices({ subscription_id: customer.subscriptionId })
  const lines = await Promise.all(invoices.map(billing.lines))
  expect(lines).toEqual([
    ['base 1 x 5 = 500', 'base 1 x 25 = 2500', 'discount 1 x -5 = -500'],
    ['base 1 x 50 = 5000'],
  ])
  await expectAllRight(billing)
})

test('a subscription whose period cannot be closed keeps nobody else from being invoiced', async () => {
  const billing = await openBillingHouse()
  const [broken, sound] = [await billing.customer('starter'), await billing.customer('pro')]
  const { records } = billing.house.engine
  const { price_version_id: id } = (await records.get('subscription', broken.subscriptionId)) ?? {}
  const unreadable = sql`update price_versions set currency = 'ZZZ' where id = ${id}`
  await unreadable.execute(billing.house.database.db)
  expect(await billing.runAt('2026-12-01T01:00:00Z')).toMatchObject({ drafted: 1, finalized: 1, failed: 1 })
  expect(await billing.invoices({ subscription_id: sound.subscriptionId })).toMatchObject([{ total: 5000 }])
  const mended = sql`update price_versions set currency = 'USD' where id = ${id}`
  await mended.execute(billing.house.database.db)
  expect(await billing.runAt('2026-12-01T02:00:00Z')).toMatchObject({ drafted: 1, finalized: 1, failed: 0 })
})

test('what a node whose clock is behind does after another one is billed as done after it', async () => {
  const billing = await openBillingHouse('2026-11-01T00:00:00.000Z')
  const { subscriptionId: id } = await billing.customer('starter')
  const pro = await billing.house.engine.records.getBy('plan', 'name', 'pro')
  billing.clock.set('2026-11-16T00:00:00.005Z')
  await billing.write('subscription', 'change_plan', { plan_id: pro?.id }, id)
  const config = readConfig(billing.databaseEnv, { dataDirectory: billing.dataDirectory })
  if (!config.ok) throw new Error(config.message)
  const log = { debug() {}, info() {}, warn() {}, error() {} }
  const behind = await openHouse(config.value, { clock: frozenClock('2026-11-16T00:00:00.002Z'), log })
  try {
    const pause = { actor: systemActor, requestId: 'test', module: 'subscription', action: 'pause', id }
    expect(await behind.engine.invoke(pause)).toMatchObject({ ok: true })
  } finally {
    await behind.close()
  }
  await billing.runAt('2026-12-01T01:00:00Z')
  // Half a month of starter; pro was there for no second.
  expect(await billing.invoices({ kind: 'period' })).toMatchObject([{ total: 500 }])
  await expectAllRight(billing)
})

test('a payment that comes while its invoice is being mailed has its receipt mailed as well, each once', async () => {
  const { house, clock, customer } = await openBillingHouse()
  const { organizationId } = await customer('free')
  const order = { organizationId, currency: 'USD', origin: 'buy', amountMinor: 2500n }
  const sold = await house.billing.credit.sell(order)
  if (!sold.ok) throw new Error(sold.message)
  const payment = { id: 'p', provider: 'dummy', amountMinor: 2500n, currency: 'USD', paidAtMs: 0 }
  const mails: string[] = []
  const sendMail: SendMail = async ({ template }) => {
    mails.push(template)
    if (mails.length === 1) expect((await house.billing.settle(sold.value.invoice.id, payment)).ok).toBe(true)
  }
  const { records, invokeAll } = house.engine
  const log = { debug() {}, info() {}, warn() {}, error() {} }
  for (let round = 0; round < 3; round += 1) await mailInvoices({ records, invokeAll, clock, log }, sendMail)
  expect(mails).toEqual(['billing_invoice', 'payment_success'])
})
