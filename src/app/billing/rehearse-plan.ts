import { accept, type FieldProblem, type Outcome, refuse, refuseFields } from '#contract/outcome.ts'
import type { PlanRow, SubscriptionRow } from '#contract/rows.gen.ts'
import { type BillingPeriod, feeFrom, periodAt } from '#domain/billing/billing-period.ts'
import { ratePeriod, type UsedSegment } from '#domain/billing/rate-period.ts'
import { parseMonth } from '#domain/period.ts'
import { sumOf } from '#domain/pricing/charge-line.ts'
import type { Price } from '#domain/pricing/price.ts'
import { type PriceFields, readPrice } from '#domain/pricing/read-price.ts'
import type { Records } from '#ports/records.ts'
import type { UsageStore } from '#ports/usage-store.ts'
import { rememberPrices } from './remember-prices.ts'
import { anchorOf } from './subscription-log.ts'
import { readTerms } from './subscription-terms.ts'
import { usedSegments } from './used-segments.ts'

/** What a customer's periods came to, and what they would have under the draft. Minor units; before coupons, taxes and credit. */
export interface RehearsedCustomer {
  readonly organization_id: string
  readonly organization: string
  readonly subscription_id: string
  readonly periods: number
  readonly units: number
  readonly now: number
  readonly draft: number
  readonly change: number
}

/** A draft of a plan against the use that really was. */
export interface Rehearsal {
  readonly plan: string
  readonly currency: string
  readonly from: string
  readonly to: string
  readonly now: number
  readonly draft: number
  readonly change: number
  /** Those that the change is worst for first. */
  readonly customers: readonly RehearsedCustomer[]
}

const mostMonths = 24
const wholeFields = [
  'price_monthly',
  'requests_per_month',
  'overage_price',
  'package_size',
  'basis_points',
].concat('minimum_commitment')
const textFields = ['price_model', 'currency', 'quota_mode', 'overage_unit_price', 'unit_price']

/**
 * Rates every period that began in the months again, with the draft's price wherever the plan held. The draft is an object with the
 * name of the plan as `plan` and the price fields that change. Nothing is written.
 */
export async function rehearsePlan(
  deps: { readonly records: Records; readonly usageStore: Pick<UsageStore, 'unitsOf'> },
  document: unknown,
  months: { readonly from: string; readonly to: string },
): Promise<Outcome<Rehearsal>> {
  const { records, usageStore } = deps
  const span = readMonths(months)
  if (!span.ok) return span
  const draft = await readDraft(records, document)
  if (!draft.ok) return draft
  const { plan, price } = draft.value
  const prices = rememberPrices(records)
  const customers: RehearsedCustomer[] = []
  for await (const subscription of records.each('subscription')) {
    const terms = await readTerms(records, subscription)
    if (!terms.changes.some(({ planId }) => planId === plan.id)) continue
    const sums = { periods: 0, units: 0, now: 0n, draft: 0n }
    for (const period of periodsIn(subscription, span.value)) {
      const used = await usedSegments({ prices, usageStore }, subscription, terms, period)
      const changed = used.map((segment) => (segment.planId === plan.id ? { ...segment, price } : segment))
      if (!used.some(({ planId }) => planId === plan.id)) continue
      const feeFromMs = feeFrom(anchorOf(subscription), period)
      const whole = { ...period, proratesStart: terms.proratesStart, feeFromMs }
      const total = (segments: readonly UsedSegment[]) => sumOf(ratePeriod(whole, segments))
      sums.periods += 1
      sums.units += used.reduce((sum, { units }) => sum + units, 0)
      sums.now += total(used)
      sums.draft += total(changed)
    }
    if (sums.periods > 0) customers.push(await customerOf(records, subscription, sums))
  }
  customers.sort(
    (one, other) => other.change - one.change || (one.organization < other.organization ? -1 : 1),
  )
  const sum = (field: 'now' | 'draft' | 'change') => customers.reduce((total, one) => total + one[field], 0)
  const totals = { now: sum('now'), draft: sum('draft'), change: sum('change') }
  return accept({ plan: plan.name, currency: price.currency, ...months, ...totals, customers })
}

async function customerOf(
  records: Records,
  subscription: SubscriptionRow,
  sums: { readonly periods: number; readonly units: number; readonly now: bigint; readonly draft: bigint },
): Promise<RehearsedCustomer> {
  const organization = await records.get('organization', subscription.organization_id)
  return {
    organization_id: subscription.organization_id,
    organization: organization?.name ?? subscription.organization_id,
    subscription_id: subscription.id,
    periods: sums.periods,
    units: sums.units,
    now: Number(sums.now),
    draft: Number(sums.draft),
    change: Number(sums.draft - sums.now),
  }
}

function readMonths({ from, to }: { readonly from: string; readonly to: string }): Outcome<BillingPeriod> {
  const [first, last] = [parseMonth(from), parseMonth(to)]
  if (first === undefined) return refuseFields([{ field: 'from', reason: 'must look like 2026-10' }])
  if (last === undefined) return refuseFields([{ field: 'to', reason: 'must look like 2026-10' }])
  const count = (last.end - first.start) / (28 * 86_400_000)
  if (last.end <= first.start || count > mostMonths * 1.1)
    return refuseFields([{ field: 'to', reason: `must be 1 to ${mostMonths} months from the first one` }])
  return accept({ startMs: first.start, endMs: last.end })
}

/** The periods of a subscription that begin in a time. */
function periodsIn(
  subscription: SubscriptionRow,
  { startMs, endMs }: BillingPeriod,
): readonly BillingPeriod[] {
  const anchor = anchorOf(subscription)
  const periods: BillingPeriod[] = []
  let period = periodAt(anchor, startMs)
  if (period.startMs < startMs) period = periodAt(anchor, period.endMs)
  for (; period.startMs < endMs; period = periodAt(anchor, period.endMs)) periods.push(period)
  return periods
}

async function readDraft(
  records: Records,
  document: unknown,
): Promise<Outcome<{ readonly plan: PlanRow; readonly price: Price }>> {
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    return refuse('validation_error', 'The draft must name a plan and what changes of its price')
  const { plan: name, ...changes } = document as Record<string, unknown>
  const plan = typeof name === 'string' ? await records.getBy('plan', 'name', name) : undefined
  if (plan === undefined) return refuseFields([{ field: 'plan', reason: 'must be the name of a plan' }])
  const problems = Object.entries(changes).flatMap(([field, value]) => problemOf(field, value))
  if (problems.length > 0) return refuseFields(problems)
  const read = readPrice({ ...plan, ...changes } as PriceFields)
  if (!read.ok) return refuseFields(read.problems)
  if (read.price.currency !== plan.currency)
    return refuseFields([{ field: 'currency', reason: `must be ${plan.currency}: amounts are compared` }])
  return accept({ plan, price: read.price })
}

function problemOf(field: string, value: unknown): readonly FieldProblem[] {
  if (field === 'tiers') return []
  if (wholeFields.includes(field))
    return Number.isSafeInteger(value) ? [] : [{ field, reason: 'must be a whole number' }]
  if (textFields.includes(field))
    return typeof value === 'string' ? [] : [{ field, reason: 'must be text, in quotes' }]
  return [{ field, reason: 'is not a field of a price' }]
}
