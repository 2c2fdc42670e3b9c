import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { systemActor } from '#contract/actor.ts'
import { lineOf } from '#domain/billing/invoice-line.ts'
import { type BillingHouse, openBillingHouse } from '#test/billing/billing-house.ts'
import { startStripe, stripeKey, stripeSecret, stripeSignature } from '#test/support/stripe-double.ts'

const child = new URL('./paying-child.ts', import.meta.url).pathname
const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** An instance that is paid through the double of Stripe, whose jobs are done by processes of their own. */
async function openPaid() {
  const billing = await openBillingHouse()
  const { house, clock, write } = billing
  const stripe = await startStripe(clock)
  const settings = {
    'payment.plan_sync': 'false',
    'payment.provider': 'stripe',
    'payment.stripe.api_key': stripeKey,
    'payment.stripe.webhook_secret': stripeSecret,
    'payment.stripe.base_url': stripe.url,
    'payment.stripe.allow_private': 'true',
  }
  for (const [key, value] of Object.entries(settings)) await write('setting', 'create', { key, value })
  const { organizationId, subscriptionId } = await billing.customer('starter')
  const subscription = await house.engine.records.get('subscription', subscriptionId)
  if (subscription === undefined) throw new Error('no subscription')
  let invoices = 0
  const invoice = async (amountMinor: bigint) => {
    invoices += 1
    const line = lineOf('USD', { kind: 'manual', description: 'Use', amountMinor })
    const order = { organizationId, kind: 'change', origin: `crash:${invoices}`, currency: 'USD' } as const
    const issued = await house.billing.issue({ ...order, lines: [line], subscription })
    if (!issued.ok) throw new Error(issued.message)
    return issued.value.invoice.id
  }
  /** A message of Stripe, taken into the inbox, and not looked at. */
  const receive = async (type: string) => {
    const { raw } = stripe.message(type)
    const headers = { 'stripe-signature': stripeSignature(raw, clock.now()) }
    expect(await house.payments.receive({ provider: 'stripe', raw, headers })).toMatchObject({ ok: true })
  }
  return { ...billing, stripe, organizationId, subscriptionId, invoice, receive }
}

type Paid = Awaited<ReturnType<typeof openPaid>>
type DoJobs = (paid: Paid, creditOf?: string) => Promise<void>

const argumentsOf = (
  { dataDirectory, databaseEnv, clock }: BillingHouse,
  runs: number,
  kill: number,
  creditOf: string,
) => [
  child,
  dataDirectory,
  databaseEnv['APIGATE_DATABASE_DSN'] ?? '',
  new Date(clock.now()).toISOString(),
  String(runs),
  String(kill),
  creditOf,
]

async function ended(running: ChildProcess): Promise<boolean> {
  const [code, signal] = await once(running, 'exit')
  if (signal !== 'SIGKILL') expect(code).toBe(0)
  return signal === 'SIGKILL'
}

/** What customers, operators and Stripe do, one after the other; after each of it the jobs are done. */
async function live(paid: Paid, doJobs: DoJobs) {
  const { house, stripe, organizationId, subscriptionId, invoice, receive, write } = paid
  const { records, invoke } = house.engine
  const externalId = async (entity: string) => {
    const where = [{ field: 'entity_type', op: 'eq', value: entity }] as const
    return (await records.list('provider_mapping', { where })).items.at(-1)?.external_id ?? ''
  }
  const first = await invoice(6000n)
  const offered = await house.payments.initiate({ organizationId, invoiceId: first })
  if (!offered.ok) throw new Error(offered.message)
  stripe.pay(await externalId('checkout'))
  await receive('checkout.session.completed')
  await doJobs(paid)
  const second = await invoice(1999n)
  await doJobs(paid)
  const refund = {
    module: 'payment',
    action: 'refund',
    id: offered.value.payment.id,
    input: { amount: 1500 },
  }
  expect(await invoke({ ...refund, actor: systemActor, requestId: 'r' })).toMatchObject({ ok: true })
  await doJobs(paid)
  await doJobs(paid, second)
  stripe.decline('4242', 'insufficient_funds')
  const third = await invoice(450n)
  await doJobs(paid)
  expect(await records.get('invoice', third)).toMatchObject({ collect_failures: 1 })
  expect(await records.get('subscription', subscriptionId)).toMatchObject({ status: 'past_due' })
  stripe.decline('4242', undefined)
  const [method] = (await records.list('payment_method')).items
  await write('payment_method', 'make_default', {}, method?.id)
  await doJobs(paid)
}

/** What time brings: a card that is declined again before it pays by itself, credit whose time is over, an alert that is reached. */
async function passTime(paid: Paid, doJobs: DoJobs) {
  const { house, clock, stripe, organizationId, subscriptionId, invoice, write, use } = paid
  const user_id = await write('user', 'create', { email: 'owner@example.com' })
  await write('membership', 'create', { organization_id: organizationId, user_id, role: 'owner' })
  await write('budget_alert', 'create', { organization_id: organizationId, measure: 'units', amount: 100 })
  const gift = { organizationId, origin: 'gift', currency: 'EUR', amountMinor: 500n }
  const given = await house.billing.credit.give({ ...gift, expiresAtMs: clock.now() + dayMs })
  expect(given).toMatchObject({ ok: true })
  await use({ organizationId, subscriptionId }, new Date(clock.now()).toISOString(), 1, 85)
  stripe.decline('4242', 'insufficient_funds')
  await invoice(900n)
  await doJobs(paid)
  clock.advance(2 * dayMs)
  await doJobs(paid)
  clock.advance(5 * dayMs)
  stripe.decline('4242', undefined)
  await doJobs(paid)
  // The receipt goes out with the next run of the biller.
  clock.advance(hourMs)
  await doJobs(paid)
}

/** Everything that must not depend on who did the jobs, how often, and how many of them died. */
async function outcome({ house, stripe }: Paid) {
  const { records } = house.engine
  const rows = async (
    module: 'invoice' | 'payment' | 'refund' | 'credit_note' | 'credit_grant' | 'subscription',
    fields: string[],
  ) =>
    (await records.list(module, { limit: 100 })).items
      .map((row) => fields.map((field) => String(row[field as 'id'])).join(' '))
      .sort()
  const mails = (await records.list('logged_email', { limit: 100 })).items.map(({ subject }) => subject)
  const charged = stripe.upstream.seen.filter(
    ({ method, url }) => method === 'POST' && (url === '/v1/payment_intents' || url === '/v1/refunds'),
  )
  return {
    invoices: await rows('invoice', [
      'status',
      'total',
      'amount_due',
      'amount_paid',
      'credited',
      'collect_failures',
    ]),
    payments: await rows('payment', ['method', 'status', 'amount', 'refunded', 'decline_code']),
    refunds: await rows('refund', ['status', 'amount']),
    notes: await rows('credit_note', ['total', 'refunded']),
    credit: await rows('credit_grant', ['kind', 'status', 'remaining']),
    subscriptions: (await rows('subscription', ['status', 'grace_until'])).filter(
      (row) => !row.startsWith('ended'),
    ),
    balances: (await house.billing.ledger.balances())
      .filter(({ balanceMinor }) => balanceMinor !== 0n)
      .map(({ account, balanceMinor }) => `${account.replace(/org_\w+/, 'org')} ${balanceMinor}`)
      .sort(),
    keys: new Set(charged.map(({ headers }) => headers['idempotency-key'])).size,
    mails: mails.sort(),
    check: await house.billing.ledger.check(),
  }
}

const wanted = {
  invoices: ['paid 1999 0 1999 200 0', 'paid 450 0 250 0 0', 'paid 6000 0 6000 1500 0'],
  payments: [
    'checkout succeeded 6000 1500 null',
    'saved failed 250 0 insufficient_funds',
    'saved succeeded 1999 0 null',
    'saved succeeded 250 0 null',
  ],
  refunds: ['succeeded 1500'],
  notes: ['1500 1500', '200 0'],
  subscriptions: ['active null'],
  balances: ['provider:stripe 6749', 'revenue -6749'],
  keys: 4,
  check: { unbalanced: [], drifted: [] },
}

test('killed after every commit and at every answer of Stripe, payments, refunds and credit notes are done once, and no message is lost', async () => {
  const paid = await openPaid()
  let kills = 0
  let running: ChildProcess | undefined
  const answered = new Set<string>()
  paid.stripe.watch((request) => {
    if (request.method !== 'POST' || answered.has(request.key)) return
    answered.add(request.key)
    running?.kill('SIGKILL')
  })
  await live(paid, async (house, creditOf = '') => {
    for (;;) {
      running = spawn(process.execPath, argumentsOf(house, 1, 1, creditOf), {
        stdio: ['ignore', 'ignore', 'inherit'],
      })
      const isKilled = await ended(running)
      running = undefined
      if (!isKilled) break
      kills += 1
      // The leases of the one that died are over then.
      house.clock.advance(hourMs + 1)
    }
  })
  expect(kills).toBeGreaterThan(20)
  expect(await outcome(paid)).toMatchObject(wanted)
}, 900_000)

test('every job three times from two processes at once changes nothing: payments, refunds and notes, cards that are tried again, credit that expires, alerts', async () => {
  const paid = await openPaid()
  const twice: DoJobs = async (house, creditOf = '') => {
    const two = [1, 2].map(() =>
      ended(
        spawn(process.execPath, argumentsOf(house, 3, 0, creditOf), {
          stdio: ['ignore', 'ignore', 'inherit'],
        }),
      ),
    )
    expect(await Promise.all(two)).toEqual([false, false])
  }
  await live(paid, twice)
  expect(await outcome(paid)).toMatchObject(wanted)
  await passTime(paid, twice)
  const once = await outcome(paid)
  expect(once).toMatchObject({
    invoices: [...wanted.invoices, 'paid 900 0 900 0 2'].sort(),
    refunds: wanted.refunds,
    // What a note gave back had paid a part of another invoice before.
    credit: ['credit_note used 0', 'given expired 0'],
    balances: ['provider:stripe 7649', 'revenue -7649'],
    check: wanted.check,
  })
  expect(once.payments.filter((row) => row.includes(' 900 '))).toEqual([
    'saved failed 900 0 insufficient_funds',
    'saved failed 900 0 insufficient_funds',
    'saved succeeded 900 0 null',
  ])
  expect(once.mails.filter((subject) => /9\.00|alert/.test(subject))).toEqual([
    'A payment to APIGate has failed: 9.00 USD',
    'A payment to APIGate has failed: 9.00 USD',
    expect.stringMatching(/^Invoice .* from APIGate: 9\.00 USD$/),
    'Receipt from APIGate: 9.00 USD',
    'The whole use has reached 80 % of an alert',
  ])
  for (const type of [
    'payment_intent.succeeded',
    'payment_intent.payment_failed',
    'charge.refunded',
    'checkout.session.completed',
  ])
    await paid.receive(type)
  await twice(paid)
  expect(await outcome(paid)).toEqual(once)
}, 900_000)
