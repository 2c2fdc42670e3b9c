import type { SubscriptionRow } from '#contract/rows.gen.ts'
import type { BillingPeriod } from '#domain/billing/billing-period.ts'
import type { UsedSegment } from '#domain/billing/rate-period.ts'
import { segmentsOf } from '#domain/billing/timeline.ts'
import type { UsageStore } from '#ports/usage-store.ts'
import type { Prices } from './remember-prices.ts'
import type { SubscriptionTerms } from './subscription-terms.ts'

/** The stretches of a period of a subscription, each with the price that held and the use of its own time. */
export async function usedSegments(
  deps: { readonly prices: Prices; readonly usageStore: Pick<UsageStore, 'unitsOf'> },
  subscription: Pick<SubscriptionRow, 'id'>,
  { changes }: SubscriptionTerms,
  period: BillingPeriod,
): Promise<readonly UsedSegment[]> {
  const used: UsedSegment[] = []
  for (const segment of segmentsOf(changes, period)) {
    const price = await deps.prices.price(segment)
    const plan = await deps.prices.plan(segment.planId)
    if (price === undefined || plan === undefined) continue
    const units = await deps.usageStore.unitsOf(subscription.id, segment.fromMs, segment.toMs)
    used.push({ ...segment, price, planName: plan.name, units })
  }
  return used
}
