import type { Refusal } from '#contract/outcome.ts'
import type { PlanRow, SubscriptionRow } from '#contract/rows.gen.ts'
import { periodAt } from '#domain/billing/billing-period.ts'
import { segmentsOf } from '#domain/billing/timeline.ts'
import { storedPrice } from '#domain/pricing/read-price.ts'
import type { BehaviourContext } from '#ports/behaviour.ts'
import type { Records } from '#ports/records.ts'
import { isFree, priceOf, takePlan } from './choose-plan.ts'
import { anchorOf, readLog } from './subscription-log.ts'

/** What changes of a subscription whose periods begin elsewhere from now on. */
export type MovedAnchor = Pick<
  SubscriptionRow,
  | 'billing_anchor'
  | 'anchored_at'
  | 'earlier_anchor'
  | 'current_period_start'
  | 'current_period_end'
  | 'bill_at'
>

/**
 * Where periods begin with a plan that costs something and wants them elsewhere: at this very moment, if nothing of the running period is
 * owed so far. A month that is paid for keeps its days, and so do the months after it; undefined then.
 */
export async function movedAnchor(
  records: Pick<Records, 'get' | 'list'>,
  before: SubscriptionRow,
  plan: PlanRow,
  atMs: number,
): Promise<MovedAnchor | undefined> {
  const anchor = anchorOf(before)
  if (plan.billing_anchor === anchor.kind || isFree(storedPrice(plan))) return undefined
  // Once a period: what is tried out back and forth in a trial is not an invoice each time.
  if (anchor.since !== undefined && atMs < periodAt(anchor, anchor.since.atMs).endMs) return undefined
  if (await isOwed(records, before, atMs)) return undefined
  const running = periodAt(anchor, atMs)
  const billMs = before.bill_at === null ? undefined : Date.parse(before.bill_at)
  // Closed already, because time was seen to late: what an invoice is about stays.
  if (billMs !== undefined && billMs > running.endMs) return undefined
  const anchored_at = new Date(atMs).toISOString()
  const moved = { billing_anchor: plan.billing_anchor, anchored_at, earlier_anchor: anchor }
  const period = periodAt(anchorOf({ ...before, ...moved }), atMs)
  const current_period_end = new Date(period.endMs).toISOString()
  // At a boundary nothing is cut short: the one before may be invoiced already.
  const nextBill = running.startMs === atMs ? current_period_end : anchored_at
  return {
    ...moved,
    current_period_start: new Date(period.startMs).toISOString(),
    current_period_end,
    bill_at: billMs !== undefined && billMs > atMs ? nextBill : before.bill_at,
  }
}

/** Puts another plan, its price and where its periods begin into a subscription's draft: now, or with a period that begins then. */
export async function beginPlan(
  context: BehaviourContext,
  before: SubscriptionRow,
  planId: string,
  periodStartMs?: number,
): Promise<Refusal | undefined> {
  const { input, records, now } = context
  const refusal = await takePlan(context, before, planId, periodStartMs !== undefined)
  const plan = refusal === undefined ? await records.get('plan', planId) : undefined
  if (plan !== undefined) Object.assign(input, await movedAnchor(records, before, plan, periodStartMs ?? now))
  return refusal
}

async function isOwed(
  records: Pick<Records, 'get' | 'list'>,
  subscription: SubscriptionRow,
  atMs: number,
): Promise<boolean> {
  const { startMs } = periodAt(anchorOf(subscription), atMs)
  const changes = await readLog(records, subscription)
  for (const segment of segmentsOf(changes, { startMs, endMs: atMs })) {
    const { planId: plan_id, priceVersionId: price_version_id } = segment
    const price = segment.isCharged ? await priceOf(records, { plan_id, price_version_id }) : undefined
    if (price !== undefined && !isFree(price)) return true
  }
  return false
}
