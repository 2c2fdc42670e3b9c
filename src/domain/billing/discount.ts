import { sumOf } from '../pricing/charge-line.ts'
import { type Anchor, periodsBetween } from './billing-period.ts'

/** What a coupon takes off the invoices of a subscription. */
export interface Discount {
  readonly code: string
  /** Hundredths of a percent; 0 where an amount is taken off. */
  readonly basisPoints: number
  readonly amountMinor: bigint
  /** The only currency that an amount is taken off in; a percentage goes with all. */
  readonly currency: string
  readonly duration: 'once' | 'repeating' | 'forever'
  /** repeating: how many periods. */
  readonly periods: number
  readonly redeemedMs: number
  /** The only plan that something is taken off of; null goes with all. */
  readonly planId: string | null
}

/** Whether the discount holds for the period that begins then. */
export function holdsIn(discount: Discount, anchor: Anchor, periodStartMs: number): boolean {
  const index = periodsBetween(anchor, discount.redeemedMs, periodStartMs)
  if (index < 0) return false
  if (discount.duration === 'forever') return true
  return index < (discount.duration === 'once' ? 1 : discount.periods)
}

/** An amount that says which plan it is of. */
export interface PlanCharge {
  readonly planId: string
  readonly amountMinor: bigint
}

/**
 * What each discount that holds in a period takes off its charges, each off what the ones before it left; those that take nothing are left
 * out. A discount for one plan takes nothing off the time of another.
 */
export function discountsOn(
  charges: readonly PlanCharge[],
  discounts: readonly Discount[],
  of: { readonly anchor: Anchor; readonly periodStartMs: number; readonly currency: string },
): readonly { readonly code: string; readonly offMinor: bigint }[] {
  let left = sumOf(charges)
  return discounts.flatMap((discount) => {
    if (!holdsIn(discount, of.anchor, of.periodStartMs)) return []
    const ofPlan = sumOf(charges.filter(({ planId }) => (discount.planId ?? planId) === planId))
    const isLess = ofPlan < left
    const offMinor = discountOf(discount, isLess ? ofPlan : left, of.currency)
    left -= offMinor
    return offMinor === 0n ? [] : [{ code: discount.code, offMinor }]
  })
}

/** What is taken off a sum: never more than the sum; nothing in another currency. A percentage is rounded half up once. */
export function discountOf(discount: Discount, sumMinor: bigint, currency: string): bigint {
  if (sumMinor <= 0n) return 0n
  if (discount.basisPoints > 0) return (sumMinor * BigInt(discount.basisPoints) + 5_000n) / 10_000n
  if (discount.currency !== currency) return 0n
  return discount.amountMinor < sumMinor ? discount.amountMinor : sumMinor
}
