import { spendTermsOf } from '../limit/spend.ts'
import { microsOf } from '../money.ts'
import { sumOf } from '../pricing/charge-line.ts'
import type { Price } from '../pricing/price.ts'
import { type Anchor, feeFrom, periodAt } from './billing-period.ts'
import { type Discount, discountsOn, type PlanCharge } from './discount.ts'
import { type BilledSpan, ratePeriod, type UsedSegment } from './rate-period.ts'
import { ratesFor, type Taxed, type TaxRate, taxOn } from './tax.ts'
import { segmentsOf, type TermsChange } from './timeline.ts'

/** What a customer has paid in advance in one currency, and everything that is to be paid from it. */
export interface CreditAccount {
  readonly organizationId: string
  readonly currency: string
  readonly grants: readonly { readonly remainingMinor: bigint; readonly expiresAtMs: number | null }[]
  readonly subscriptions: readonly CreditedSubscription[]
  /** By the price version, or by the plan where a subscription has none. */
  readonly prices: ReadonlyMap<string, { readonly price: Price; readonly planName: string }>
  readonly taxed: Omit<Taxed, 'atMs'>
  readonly taxRates: readonly TaxRate[]
}

/** A subscription whose invoices are paid from credit. */
export interface CreditedSubscription {
  readonly id: string
  readonly anchor: Anchor
  /** The end of its last period that is invoiced: what it draws from credit from then on is not drawn yet. */
  readonly billedUntilMs: number
  readonly proratesStart: boolean
  readonly changes: readonly TermsChange[]
  readonly discounts: readonly Discount[]
}

/** A stretch of a period that is not invoiced. Its units are counted together, and begin anew with the next one. */
export type OpenStretch = Omit<UsedSegment, 'units'> & { readonly subscriptionId: string }

/** A period that is under way, or over and not invoiced. */
export interface OpenPeriod extends BilledSpan {
  readonly subscription: CreditedSubscription
  readonly stretches: readonly OpenStretch[]
}

/** The units of a stretch, those that calls under way may still use among them. */
export type UnitsOf = (stretch: OpenStretch) => number

/** The periods that are to be paid from credit: all that have begun and are not invoiced. */
export function openPeriods(account: CreditAccount, nowMs: number): readonly OpenPeriod[] {
  return account.subscriptions.flatMap((subscription) => {
    const { anchor, billedUntilMs, changes, proratesStart } = subscription
    const last = changes.at(-1)
    const endMs = Math.min(last?.status === 'ended' ? last.atMs : Infinity, nowMs + 1)
    const periods: OpenPeriod[] = []
    for (let at = periodAt(anchor, billedUntilMs); at.startMs < endMs; at = periodAt(anchor, at.endMs)) {
      const stretches = segmentsOf(changes, at).flatMap((segment): OpenStretch[] => {
        const priced = account.prices.get(segment.priceVersionId ?? segment.planId)
        return priced === undefined ? [] : [{ ...segment, ...priced, subscriptionId: subscription.id }]
      })
      periods.push({ ...at, proratesStart, feeFromMs: feeFrom(anchor, at), subscription, stretches })
    }
    return periods
  })
}

/** The stretch that a subscription is in. */
export const stretchAt = (
  periods: readonly OpenPeriod[],
  subscriptionId: string,
  nowMs: number,
): OpenStretch | undefined =>
  periods
    .filter(({ subscription }) => subscription.id === subscriptionId)
    .flatMap(({ stretches }) => stretches)
    .find(({ fromMs, toMs }) => fromMs <= nowMs && nowMs < toMs)

/** What is left of what was paid in advance, before anything that is not invoiced is taken off it. */
export const balanceAt = ({ grants }: CreditAccount, nowMs: number): bigint =>
  grants.reduce(
    (sum, { remainingMinor, expiresAtMs }) => sum + ((expiresAtMs ?? Infinity) > nowMs ? remainingMinor : 0n),
    0n,
  )

/** What the invoices of some open periods come to so far, with tax: base fees and minimums for all of the period, as the invoice has them. */
export const committedMinor = (
  account: CreditAccount,
  periods: readonly OpenPeriod[],
  unitsOf: UnitsOf,
): bigint => periods.reduce((sum, period) => sum + payable(account, period, chargesOf(period, unitsOf)), 0n)

/**
 * The most units that a stretch may have so that the invoices of all periods stay within the credit; at least those that cost nothing more.
 * Infinity where its use costs nothing.
 */
export function unitsPaidFor(
  account: CreditAccount,
  periods: readonly OpenPeriod[],
  stretch: OpenStretch,
  unitsOf: UnitsOf,
  nowMs: number,
): number {
  const own = periods.find(({ stretches }) => stretches.includes(stretch))
  const terms = own === undefined ? null : spendTermsOf(stretch.price, unitsBefore(own, stretch, unitsOf))
  if (own === undefined || terms === null || !stretch.isCharged) return Infinity
  const others = periods.filter((period) => period !== own)
  const openMinor = balanceAt(account, nowMs) - committedMinor(account, others, unitsOf)
  const unused = chargesOf(own, (of) => (of === stretch ? 0 : unitsOf(of)))
  const rest = unused.filter(({ fromMs }) => fromMs !== stretch.fromMs)
  const fixed = unused.filter(({ fromMs }) => fromMs === stretch.fromMs)
  const mostMinor = mostWithin(openMinor, sumOf(fixed), (amountMinor) =>
    payable(account, own, [...rest, { planId: stretch.planId, amountMinor }]),
  )
  // Use fills a minimum before it costs anything.
  const feeMinor = sumOf(fixed.filter(({ kind }) => kind !== 'minimum'))
  const { currency } = account
  return terms.unitsFor(Number(microsOf({ amountMinor: mostMinor - feeMinor, currency })))
}

const chargesOf = (period: OpenPeriod, unitsOf: UnitsOf) =>
  ratePeriod(
    period,
    period.stretches.map((stretch) => ({ ...stretch, units: unitsOf(stretch) })),
  )

/** The charged units of a period before one of its stretches: what is included is there once. */
const unitsBefore = ({ stretches }: OpenPeriod, stretch: OpenStretch, unitsOf: UnitsOf): number =>
  stretches
    .slice(0, stretches.indexOf(stretch))
    .reduce((sum, before) => sum + (before.isCharged ? unitsOf(before) : 0), 0)

/** What an invoice with these charges comes to: less its coupons, with tax. */
function payable(
  { currency, taxed, taxRates }: CreditAccount,
  { subscription, startMs, endMs }: OpenPeriod,
  charges: readonly PlanCharge[],
): bigint {
  const { anchor, discounts } = subscription
  const off = discountsOn(charges, discounts, { anchor, periodStartMs: startMs, currency })
  const netMinor = sumOf(charges) - off.reduce((sum, { offMinor }) => sum + offMinor, 0n)
  const rates = ratesFor(taxRates, { ...taxed, atMs: endMs - 1 })
  if (rates.length === 0) return netMinor
  const tax = taxOn(netMinor, rates)
  return tax.netMinor + sumOf(tax.charges)
}

const mostAmount = 2n ** 50n

/** The largest amount, `least` or more, that costs no more than what is there. */
function mostWithin(openMinor: bigint, least: bigint, costOf: (amountMinor: bigint) => bigint): bigint {
  const leftMinor = openMinor - costOf(least)
  if (leftMinor < 0n) return least
  let fits = least
  let step = leftMinor + 1n
  while (costOf(fits + step) <= openMinor) {
    fits += step
    // A coupon that takes everything off.
    if (fits > mostAmount) return fits
    step *= 2n
  }
  for (let passes = fits + step; passes - fits > 1n; ) {
    const middle = (fits + passes) / 2n
    if (costOf(middle) <= openMinor) fits = middle
    else passes = middle
  }
  return fits
}
