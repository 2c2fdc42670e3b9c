import { Fault } from '#contract/outcome.ts'
import type { Rows } from '#contract/rows.gen.ts'
import { type Pace, paceMs, reachedAtMs, unitsAtEnd } from '#domain/metering/forecast.ts'
import { hourStart, monthOf } from '#domain/period.ts'
import { sumOf } from '#domain/pricing/charge-line.ts'
import { rate } from '#domain/pricing/price.ts'
import type { Clock } from '#ports/clock.ts'
import type { Records } from '#ports/records.ts'
import type { UsageStore } from '#ports/usage-store.ts'
import { type Prices, rememberPrices } from '../billing/remember-prices.ts'
import type { UsageSummary } from './summarize.ts'

type Row = UsageSummary['rows'][number]

/** What the running month of a subscription comes to if it goes on as the last seven days did. */
export interface MonthForecast {
  readonly units: number
  /** Minor units of the currency of the row. */
  readonly cost_minor: number
  /** When what is included is used up; null when that is past, or not in this month. */
  readonly included_until: string | null
}

const hourMs = 3_600_000

/** Works out the forecasts of an organization's subscriptions from the rows of its running month, by subscription. */
export async function forecastMonth(
  deps: { readonly usageStore: Pick<UsageStore, 'totals'>; readonly records: Records; readonly clock: Clock },
  rows: readonly Row[],
  organizationId: string,
): Promise<ReadonlyMap<string, MonthForecast>> {
  const { records, usageStore } = deps
  const nowMs = deps.clock.now()
  const fromMs = hourStart(nowMs) - paceMs
  const used = await usageStore.totals({
    fromMs,
    toMs: hourStart(nowMs) + hourMs,
    granularity: 'hour',
    groupBy: ['subscription_id'],
    organizationId,
  })
  const recent = new Map(used.map(({ subscription_id: id, units }) => [id, units]))
  const prices = rememberPrices(records)
  const forecasts = new Map<string, MonthForecast>()
  for (const row of rows) {
    const subscription = await records.get('subscription', row.subscription_id)
    if (subscription === undefined) continue
    const pace = {
      units: row.units,
      recentUnits: recent.get(row.subscription_id) ?? 0,
      sinceMs: Math.max(fromMs, Date.parse(subscription.created_at)),
      nowMs,
      endMs: monthOf(nowMs).end,
    }
    forecasts.set(row.subscription_id, await forecast(prices, subscription, row, pace))
  }
  return forecasts
}

async function forecast(
  prices: Prices,
  subscription: Rows['subscription'],
  row: Row,
  pace: Pace,
): Promise<MonthForecast> {
  const { plan_id: planId, price_version_id: priceVersionId, status } = subscription
  const { included } = row
  const [plan, price] = await Promise.all([prices.plan(planId), prices.price({ planId, priceVersionId })])
  const atEnd = unitsAtEnd(pace)
  // Past a hard quota calls are refused.
  const isStopped = plan?.quota_mode === 'hard' && included !== null
  const units = isStopped ? Math.min(atEnd, Math.max(row.units, included)) : atEnd
  const isFree = price === undefined || status === 'trialing' || status === 'paused'
  const more = isFree ? 0n : sumOf(rate(price, units)) - sumOf(rate(price, row.units))
  const until = included === null ? undefined : reachedAtMs(pace, included)
  return {
    units,
    cost_minor: row.cost_minor + wholeOf(more),
    included_until: until === undefined ? null : new Date(until).toISOString(),
  }
}

/** A volume price may fall with what is added; what is used already costs what it costs. */
function wholeOf(amountMinor: bigint): number {
  const amount = Number(amountMinor > 0n ? amountMinor : 0n)
  if (!Number.isSafeInteger(amount))
    throw new Fault('internal_error', `the amount ${amountMinor} is too large`)
  return amount
}
