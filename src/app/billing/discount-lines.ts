import type { SubscriptionRow } from '#contract/rows.gen.ts'
import type { BillingPeriod } from '#domain/billing/billing-period.ts'
import { discountOf, holdsIn } from '#domain/billing/discount.ts'
import { type InvoiceLineDraft, lineOf } from '#domain/billing/invoice-line.ts'
import type { Records } from '#ports/records.ts'
import { discountsOf } from './coupons.ts'
import { anchorOf } from './subscription-log.ts'

/** The lines of a period with one more for each coupon that holds in it, each taken off what the ones before it left. */
export async function withDiscounts(
  records: Records,
  subscription: SubscriptionRow,
  period: BillingPeriod,
  charges: readonly InvoiceLineDraft[],
  currency: string,
): Promise<readonly InvoiceLineDraft[]> {
  const lines = [...charges]
  let left = charges.reduce((sum, { amountMinor }) => sum + amountMinor, 0n)
  for (const discount of await discountsOf(records, subscription.id)) {
    if (!holdsIn(discount, anchorOf(subscription), period.startMs)) continue
    const off = discountOf(discount, left, currency)
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
