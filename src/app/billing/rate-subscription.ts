import { Fault } from '#contract/outcome.ts'
import type { Rows } from '#contract/rows.gen.ts'
import { type BillingPeriod, feeFrom } from '#domain/billing/billing-period.ts'
import type { InvoiceLineDraft } from '#domain/billing/invoice-line.ts'
import { ratePeriod, type UsedSegment } from '#domain/billing/rate-period.ts'
import { segmentsOf } from '#domain/billing/timeline.ts'
import type { BillingDependencies } from './dependencies.ts'
import { withDiscounts } from './discount-lines.ts'
import { rememberPrices } from './remember-prices.ts'
import { anchorOf } from './subscription-log.ts'
import { readTerms } from './subscription-terms.ts'

/** What a period of a subscription comes to, without taxes and without late usage of other periods. */
export interface RatedPeriod {
  readonly currency: string
  readonly lines: readonly InvoiceLineDraft[]
  readonly netMinor: bigint
  readonly units: number
  readonly events: number
  /** Of the event set behind it. */
  readonly hash: string
}

/** Rates a period from the raw events that had arrived by a cut-off: the same ones give the same amounts, at any time. */
export async function rateSubscription(
  deps: Pick<BillingDependencies, 'records' | 'evidence'>,
  subscription: Rows['subscription'],
  period: BillingPeriod,
  upTo: number,
): Promise<RatedPeriod> {
  const terms = await readTerms(deps.records, subscription)
  const segments = segmentsOf(terms.changes, period)
  const set = { subscriptionId: subscription.id, fromMs: period.startMs, toMs: period.endMs, upTo }
  const summary = await deps.evidence.summarize(
    set,
    segments.slice(1).map(({ fromMs }) => fromMs),
  )
  const prices = rememberPrices(deps.records)
  const used: UsedSegment[] = []
  for (const [index, segment] of segments.entries()) {
    const plan = await prices.plan(segment.planId)
    const price = await prices.price(segment)
    if (plan === undefined || price === undefined)
      throw new Fault('internal_error', `the plan ${segment.planId} is gone`)
    used.push({ ...segment, planName: plan.name, price, units: summary.units[index] ?? 0 })
  }
  const feeFromMs = feeFrom(anchorOf(subscription), period)
  const charges = ratePeriod({ ...period, proratesStart: terms.proratesStart, feeFromMs }, used)
  const currency = used.findLast(({ isCharged }) => isCharged)?.price.currency ?? used.at(-1)?.price.currency
  const lines = await withDiscounts(deps.records, subscription, period, charges, currency ?? 'USD')
  return {
    currency: currency ?? 'USD',
    lines,
    netMinor: lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0n),
    units: summary.units.reduce((sum, units) => sum + units, 0),
    events: summary.events,
    hash: summary.hash,
  }
}
