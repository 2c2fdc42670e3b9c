import type { SubscriptionRow } from '#contract/rows.gen.ts'
import type { BillingPeriod } from '#domain/billing/billing-period.ts'
import { discountsOn } from '#domain/billing/discount.ts'
import { type InvoiceLineDraft, lineOf } from '#domain/billing/invoice-line.ts'
import type { Records } from '#ports/records.ts'
import { discountsOf } from './coupons.ts'
import { anchorOf } from './subscription-log.ts'

/** A line that says which plan it is of. */
type Charge = InvoiceLineDraft & { readonly planId: string }

/** The lines of a period with one more for each coupon that takes something off them. */
export async function withDiscounts(
  records: Records,
  subscription: SubscriptionRow,
  period: BillingPeriod,
  charges: readonly Charge[],
  currency: string,
): Promise<readonly InvoiceLineDraft[]> {
  const taken = discountsOn(charges, await discountsOf(records, subscription.id), {
    anchor: anchorOf(subscription),
    periodStartMs: period.startMs,
    currency,
  })
  return [
    ...charges,
    ...taken.map(({ code, offMinor }) =>
      lineOf(currency, {
        kind: 'discount',
        description: `Coupon ${code}`,
        amountMinor: -offMinor,
        fromMs: period.startMs,
        toMs: period.endMs,
      }),
    ),
  ]
}
