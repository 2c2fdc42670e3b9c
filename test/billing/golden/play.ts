import type { Rows } from '#contract/rows.gen.ts'
import { makeRoute } from '#test/support/customer.ts'
import { frozenClock } from '#test/support/frozen-clock.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'
import { startStripe, stripeKey, stripeSecret } from '#test/support/stripe-double.ts'
import { startUpstream } from '#test/support/upstream.ts'
import { beginStory, type Story } from './deeds.ts'
import type { Stage } from './hands.ts'
import { momentsOf, type ScenarioFile } from './scenario.ts'
import { amountText, showInvoice } from './show-invoice.ts'
import { showBalances, showMails, showNote, showPayment } from './show-payments.ts'

/** What a story came to. */
export interface Outcome {
  readonly invoices: readonly (readonly string[])[]
  readonly credit: readonly string[]
  readonly payments: readonly string[]
  readonly notes: readonly string[]
  readonly mails: readonly string[]
  readonly ledger: readonly string[]
  /** What did not come out of the raw events again. */
  readonly unverified: readonly string[]
}

/** All stories, played. */
export interface Played {
  /** Throws where something in the story could not be done. */
  of(name: string): Outcome
  /** The ledger when all was over, and the numbers that invoices got. */
  readonly ledger: unknown
  readonly sequences: readonly number[]
}

/**
 * Plays stories in one instance whose clock only goes forward: at every moment time first does what it does by itself (the queue
 * with the biller and the ends of periods), then each story does what it has to do then.
 */
export async function playScenarios(files: readonly ScenarioFile[]): Promise<Played> {
  const scenarios = files.flatMap((file) => file.scenarios)
  const timeline = scenarios
    .flatMap((scenario) => momentsOf(scenario).map((moment) => ({ ...moment, scenario })))
    .sort((one, other) => one.atMs - other.atMs)
  const ends: (() => Promise<void>)[] = []
  try {
    const stage = await openStage(new Date(timeline[0]?.atMs ?? 0).toISOString(), ends)
    const { house, clock } = stage
    for (const { coupons, taxes } of files) {
      for (const coupon of coupons) await house.create('coupons', coupon)
      for (const tax of taxes) await house.create('tax_rates', tax)
    }
    // The queue looks after subscriptions while there is one.
    await house.create('organizations', { name: 'Somebody' })
    await house.running.settle()
    const stories = new Map<string, Story>()
    const outcomes = new Map<string, Outcome | Error>()
    const paidMoments = new Set(timeline.filter(({ scenario }) => scenario.payments).map(({ atMs }) => atMs))
    for (const { scenario, atMs, deeds } of timeline) {
      if (atMs !== clock.now() || stories.size === 0) await passTo(stage, atMs, paidMoments.has(atMs))
      const { name } = scenario
      if (outcomes.has(name)) continue
      try {
        const story = stories.get(name) ?? beginStory(stage, scenario)
        stories.set(name, story)
        for (const deed of deeds) {
          if (deed === 'end') {
            outcomes.set(name, await outcomeOf(house, story))
            await story.leave()
          } else await story.carryOut(deed)
        }
      } catch (error) {
        outcomes.set(name, error as Error)
      }
    }
    const { items } = await house.running.house.engine.records.list('invoice', { limit: 1000 })
    return {
      of(name) {
        const outcome = outcomes.get(name)
        if (outcome === undefined || outcome instanceof Error) throw outcome ?? new Error('it never ended')
        return outcome
      },
      ledger: (await house.api('GET', '/admin/billing/ledger')).body.data,
      sequences: items.flatMap(({ sequence }) => sequence ?? []).sort((one, other) => one - other),
    }
  } finally {
    for (const end of ends.reverse()) await end()
  }
}

/** An instance that is paid through the double of Stripe and has a gateway before an upstream. */
async function openStage(start: string, ends: (() => Promise<void>)[]): Promise<Stage> {
  const clock = frozenClock(start)
  const stripe = await startStripe(clock, (end) => void ends.push(end))
  const upstream = await startUpstream()
  ends.push(upstream.close)
  const env = {
    APIGATE_CONTROL_RATE_LIMIT: '0',
    PAYMENT_PROVIDER: 'stripe',
    STRIPE_API_KEY: stripeKey,
    STRIPE_WEBHOOK_SECRET: stripeSecret,
  }
  const house = await startHouse({ clock, env })
  ends.push(house.close)
  const settings = { 'payment.stripe.base_url': stripe.url, 'payment.stripe.allow_private': 'true' }
  for (const [key, value] of Object.entries(settings)) await house.create('settings', { key, value })
  await makeRoute(house, upstream.url)
  return { house, clock, stripe }
}

/** Time first does what it does by itself; where cards are charged, what a commit has made due then is done at the same moment. */
async function passTo({ house, clock }: Stage, atMs: number, chargesCards: boolean): Promise<void> {
  clock.set(new Date(atMs).toISOString())
  await house.running.settle()
  if (chargesCards) await house.running.settle()
}

async function outcomeOf(house: TestHouse, story: Story): Promise<Outcome> {
  await house.running.settle()
  const list = async <M extends keyof Rows>(plural: string, query: string): Promise<Rows[M][]> =>
    (await house.api('GET', `/api/${plural}?organization_id=${story.organizationId}&limit=100&${query}`)).body
      .data
  const invoices = await list<'invoice'>('invoices', 'sort=created_at')
  const lines = await list<'invoice_line'>('invoice_lines', 'sort=position')
  const grants = await list<'credit_grant'>('credit_grants', 'sort=created_at')
  const payments = await list<'payment'>('payments', 'sort=created_at')
  const notes = await list<'credit_note'>('credit_notes', 'sort=created_at')
  // A draft has no amounts yet, and what belongs to another subscription of the customer is not of this story.
  const told = invoices.filter(
    ({ status, subscription_id: of }) => status !== 'draft' && (of === null || of === story.subscriptionId),
  )
  const unverified: string[] = []
  for (const { id, number } of told) {
    const { data } = (await house.api('GET', `/admin/billing/invoices/${id}/verify`)).body
    if (data?.ok !== true) unverified.push(`${number}: ${JSON.stringify(data?.checks)}`)
  }
  const left = new Map<string, number>()
  for (const { currency, remaining, status } of grants)
    if (status === 'active') left.set(currency, (left.get(currency) ?? 0) + Number(remaining))
  return {
    invoices: told.map((invoice) =>
      showInvoice(
        invoice,
        lines.filter((line) => line.invoice_id === invoice.id),
      ),
    ),
    credit: [...left].map(([currency, minor]) => `${amountText(minor, currency)} ${currency}`),
    payments: payments.map(showPayment),
    notes: notes.map(showNote),
    mails: await mailsTo(house, `${story.label}@example.com`),
    ledger: await balancesOf(
      house,
      [...invoices, ...notes, ...grants].map(({ id }) => id),
    ),
    unverified,
  }
}

async function mailsTo(house: TestHouse, address: string): Promise<readonly string[]> {
  const { items } = await house.running.house.engine.records.list('logged_email', {
    where: [{ field: 'to', op: 'eq', value: address }],
    sort: { field: 'created_at', descending: false },
    limit: 100,
  })
  return showMails(items)
}

async function balancesOf(house: TestHouse, references: readonly string[]): Promise<readonly string[]> {
  const { ledger } = house.running.house.billing
  return showBalances((await Promise.all(references.map((id) => ledger.entriesOf(id)))).flat())
}
