import type { SubscriptionRow } from '#contract/rows.gen.ts'
import type { BillingPeriod } from '#domain/billing/billing-period.ts'
import { discountOf, holdsIn } from '#domain/billing/discount.ts'
import { type InvoiceLineDraft, lineOf } from '#domain/billing/invoice-line.ts'
import { sumOf } from '#domain/pricing/charge-line.ts'
import type { Records } from '#ports/records.ts'
import { discountsOf } from './coupons.ts'
import { anchorOf } from './subscription-log.ts'

/** A line that says which plan it is of. */
type Charge = InvoiceLineDraft & { readonly planId: string }

/**
 * The lines of a period with one more for each coupon that holds in it, each taken off what the ones before it left. A coupon for one plan
 * takes nothing off the time of another.
 */
export async function withDiscounts(
  records: Records,
  subscription: SubscriptionRow,
  period: BillingPeriod,
  charges: readonly Charge[],
  currency: string,
): Promise<readonly InvoiceLineDraft[]> {
  const lines: InvoiceLineDraft[] = [...charges]
  let left = sumOf(charges)
  for (const discount of await discountsOf(records, subscription.id)) {
    if (!holdsIn(discount, anchorOf(subscription), period.startMs)) continue
    const ofPlan = sumOf(charges.filter(({ planId }) => (discount.planId ?? planId) === planId))
    const isLess = ofPlan < left
    const off = discountOf(discount, isLess ? ofPlan : left, currency)
    if (off === 0n) continue
    left -= off
    lines.push(
      lineOf(currency, {
        kind: 'discount',
        description: `Coupon ${discount.code}`,
        amountMinor: -off,
        fromMs: period.startMs,
        toMs: period.endMs,
      }),
    )
  }
  return lines
}
