import { accept, Fault, type Outcome, refuseFields } from '#contract/outcome.ts'
import type { Rows } from '#contract/rows.gen.ts'
import { type RecurringStep, recurringAt, recurringMinor } from '#domain/billing/recurring-revenue.ts'
import { revenue as revenueAccount } from '#domain/ledger/accounts.ts'
import { dayStart } from '#domain/period.ts'
import type { Clock } from '#ports/clock.ts'
import type { KindBalance, LedgerBook } from '#ports/ledger-book.ts'
import type { Records } from '#ports/records.ts'
import { type Prices, rememberPrices } from './remember-prices.ts'

const dayMs = 86_400_000
const usualDays = 30
const mostDays = 366

/** One day, UTC: what was earned on it, and what recurred monthly at its end. Minor units. */
interface RevenueDay {
  readonly at: string
  readonly revenue: number
  readonly mrr: number
}

/** What the instance earns in one currency; amounts of two currencies are never added. Minor units. */
interface CurrencyRevenue {
  readonly currency: string
  /** Monthly recurring revenue now, as `recurringMinor` means it, and at the beginning. */
  readonly mrr: number
  readonly mrr_before: number
  /** Earned in the days, and in as many days before them: what the ledger says came onto `revenue`, less what was taken back. */
  readonly revenue: number
  readonly revenue_before: number
  /** Owed by customers now. */
  readonly outstanding: number
  readonly days: readonly RevenueDay[]
}

/** What an instance earns and whom it gains. Plain data, ready for JSON. */
export interface RevenueReport {
  readonly from: string
  readonly to: string
  /** Subscriptions that add to a recurring revenue. */
  readonly paying_subscriptions: number
  readonly currencies: readonly CurrencyRevenue[]
  readonly sign_ups: {
    readonly total: number
    readonly before: number
    readonly days: readonly { readonly at: string; readonly count: number }[]
  }
}

interface Dependencies {
  readonly records: Records
  readonly book: Pick<LedgerBook, 'kinds' | 'movements'>
  readonly clock: Clock
}

/** Revenue, recurring revenue and sign-ups of the last days (30 unless given), today included. */
export type ReportRevenue = (query: { readonly days?: string }) => Promise<Outcome<RevenueReport>>

/** Makes the report from the ledger, the subscriptions and what has changed of them. */
export function createRevenueReport({ records, book, clock }: Dependencies): ReportRevenue {
  return async ({ days: asked = String(usualDays) }) => {
    const count = /^\d{1,3}$/.test(asked) ? Number(asked) : 0
    if (count < 1 || count > mostDays)
      return refuseFields([{ field: 'days', reason: `must be a whole number from 1 to ${mostDays}` }])
    const nowMs = clock.now()
    const fromMs = dayStart(nowMs) - (count - 1) * dayMs
    const starts = Array.from({ length: count }, (_, day) => fromMs + day * dayMs)
    const prices = rememberPrices(records)
    const earned = await readEarned(book, fromMs - count * dayMs, fromMs + count * dayMs)
    const recurring = await readRecurring(records, prices)
    const steps = await readSteps(records, prices, fromMs)
    const kinds = await book.kinds()
    const signUps = await readSignUps(records, fromMs - count * dayMs)
    const names = new Set([
      ...earned.keys(),
      ...recurring.sums.keys(),
      ...steps.keys(),
      ...owed(kinds).keys(),
    ])
    const facts = { starts, fromMs, earned, steps, recurring: recurring.sums, outstanding: owed(kinds) }
    return accept({
      from: timeText(fromMs),
      to: timeText(nowMs),
      paying_subscriptions: recurring.subscriptions,
      currencies: [...names].sort().map((currency) => currencyRevenue(currency, facts)),
      sign_ups: signUpDays(signUps, starts, fromMs),
    })
  }
}

type Sums = ReadonlyMap<string, bigint>
interface Facts {
  readonly starts: readonly number[]
  readonly fromMs: number
  readonly earned: ReadonlyMap<string, ReadonlyMap<number, bigint>>
  readonly steps: ReadonlyMap<string, readonly RecurringStep[]>
  readonly recurring: Sums
  readonly outstanding: Sums
}

function currencyRevenue(currency: string, facts: Facts): CurrencyRevenue {
  const { starts, fromMs, recurring, outstanding } = facts
  const earned = facts.earned.get(currency) ?? new Map<number, bigint>()
  const mrr = recurring.get(currency) ?? 0n
  // Today is not over: its level is the one of now.
  const ends = [fromMs, ...starts.slice(1), Number.POSITIVE_INFINITY]
  const levels = recurringAt(mrr, facts.steps.get(currency) ?? [], ends)
  const sum = (isWithin: (startMs: number) => boolean): bigint =>
    [...earned].reduce((total, [startMs, amount]) => (isWithin(startMs) ? total + amount : total), 0n)
  return {
    currency,
    mrr: safe(mrr),
    mrr_before: safe(levels[0] ?? 0n),
    revenue: safe(sum((startMs) => startMs >= fromMs)),
    revenue_before: safe(sum((startMs) => startMs < fromMs)),
    outstanding: safe(outstanding.get(currency) ?? 0n),
    days: starts.map((startMs, day) => ({
      at: timeText(startMs),
      revenue: safe(earned.get(startMs) ?? 0n),
      mrr: safe(levels[day + 1] ?? 0n),
    })),
  }
}

/** What came onto the revenue account on each day. A credit is earned, so the sign turns. */
async function readEarned(book: Dependencies['book'], fromMs: number, toMs: number) {
  const earned = new Map<string, Map<number, bigint>>()
  const query = { account: revenueAccount, fromMs, toMs, stretchMs: dayMs }
  for (const { currency, startMs, amountMinor } of await book.movements(query)) {
    const days = earned.get(currency) ?? new Map<number, bigint>()
    days.set(startMs, -amountMinor)
    earned.set(currency, days)
  }
  return earned
}

async function readRecurring(records: Records, prices: Prices) {
  const sums = new Map<string, bigint>()
  let subscriptions = 0
  const goingOn = [{ field: 'status', op: 'in', value: ['active', 'past_due'] }] as const
  for await (const { plan_id, price_version_id, status } of records.each('subscription', goingOn)) {
    const price = await prices.price({ planId: plan_id, priceVersionId: price_version_id })
    const amount = recurringMinor(price, status)
    if (price === undefined || amount === 0n) continue
    subscriptions += 1
    sums.set(price.currency, (sums.get(price.currency) ?? 0n) + amount)
  }
  return { sums, subscriptions }
}

async function readSteps(records: Records, prices: Prices, fromMs: number) {
  const steps = new Map<string, RecurringStep[]>()
  const since = [{ field: 'at', op: 'gte', value: timeText(fromMs) }] as const
  for await (const change of records.each('subscription_change', since)) {
    for (const [terms, sign] of [
      [before(change), -1n],
      [after(change), 1n],
    ] as const) {
      const price = terms === undefined ? undefined : await prices.price(terms)
      const amountMinor = terms === undefined ? 0n : sign * recurringMinor(price, terms.status)
      if (price === undefined || amountMinor === 0n) continue
      const known = steps.get(price.currency) ?? []
      known.push({ atMs: Date.parse(change.at), amountMinor })
      steps.set(price.currency, known)
    }
  }
  return steps
}

const before = (change: Rows['subscription_change']) =>
  change.from_plan_id === null
    ? undefined
    : {
        planId: change.from_plan_id,
        priceVersionId: change.from_price_version_id,
        status: change.from_status ?? 'active',
      }

const after = (change: Rows['subscription_change']) => ({
  planId: change.to_plan_id,
  priceVersionId: change.to_price_version_id,
  status: change.to_status,
})

const owed = (kinds: readonly KindBalance[]): Sums =>
  new Map(
    kinds
      .filter(({ kind }) => kind === 'receivable')
      .map(({ currency, balanceMinor }) => [currency, balanceMinor]),
  )

async function readSignUps(records: Records, sinceMs: number): Promise<ReadonlyMap<number, number>> {
  const days = new Map<number, number>()
  const since = [
    { field: 'created_at', op: 'gte', value: timeText(sinceMs) },
    { field: 'is_operator', op: 'eq', value: false },
  ] as const
  for await (const { created_at } of records.each('organization', since)) {
    const startMs = dayStart(Date.parse(created_at))
    days.set(startMs, (days.get(startMs) ?? 0) + 1)
  }
  return days
}

function signUpDays(counts: ReadonlyMap<number, number>, starts: readonly number[], fromMs: number) {
  const sum = (isWithin: (startMs: number) => boolean): number =>
    [...counts].reduce((total, [startMs, count]) => (isWithin(startMs) ? total + count : total), 0)
  return {
    total: sum((startMs) => startMs >= fromMs),
    before: sum((startMs) => startMs < fromMs),
    days: starts.map((startMs) => ({ at: timeText(startMs), count: counts.get(startMs) ?? 0 })),
  }
}

const timeText = (ms: number): string => new Date(ms).toISOString()

function safe(amountMinor: bigint): number {
  const amount = Number(amountMinor)
  if (!Number.isSafeInteger(amount))
    throw new Fault('internal_error', `the amount ${amountMinor} is too large`)
  return amount
}
