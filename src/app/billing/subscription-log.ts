import type { SubscriptionChangeRow, SubscriptionRow } from '#contract/rows.gen.ts'
import { type Anchor, type BillingPeriod, feeFrom, periodAt } from '#domain/billing/billing-period.ts'
import type { RunningStretch } from '#domain/billing/proration.ts'
import { segmentsOf, type TermsChange } from '#domain/billing/timeline.ts'
import type { Records } from '#ports/records.ts'

type Anchored = Pick<SubscriptionRow, 'billing_anchor' | 'started_at' | 'created_at'> &
  Partial<Pick<SubscriptionRow, 'anchored_at' | 'earlier_anchor'>>

/** When a subscription began, milliseconds UTC. */
export const startOf = ({ started_at, created_at }: Anchored): number => Date.parse(started_at ?? created_at)

/** Where the periods of a subscription begin. */
export function anchorOf(row: Anchored): Anchor {
  const movedMs = row.anchored_at ? Date.parse(row.anchored_at) : undefined
  // What is stored is what this function has answered before.
  const since =
    movedMs === undefined ? {} : { since: { atMs: movedMs, before: row.earlier_anchor as Anchor } }
  return row.billing_anchor === 'start_day'
    ? { kind: 'start_day', startedMs: movedMs ?? startOf(row), ...since }
    : { kind: 'calendar_month', ...since }
}

/** What a subscription had when, oldest first; one that is older than its log has had what it has. */
export async function readLog(
  records: Pick<Records, 'list'>,
  subscription: SubscriptionRow,
): Promise<readonly TermsChange[]> {
  const changes: TermsChange[] = []
  let cursor: string | undefined
  do {
    const page = await records.list('subscription_change', {
      where: [{ field: 'subscription_id', op: 'eq', value: subscription.id }],
      sort: { field: 'at', descending: false },
      limit: 100,
      ...(cursor === undefined ? {} : { cursor }),
    })
    const oldest = page.items[0]
    // One that is older than its log had what its first change took away.
    if (cursor === undefined && oldest !== undefined && oldest.from_plan_id !== null)
      changes.push({
        atMs: Math.min(startOf(subscription), Date.parse(oldest.at)),
        planId: oldest.from_plan_id,
        priceVersionId: oldest.from_price_version_id,
        status: oldest.from_status ?? 'active',
      })
    changes.push(...page.items.map(termsOf))
    cursor = page.nextCursor
  } while (cursor !== undefined)
  return changes.length > 0 ? changes : [{ ...termsNow(subscription), atMs: startOf(subscription) }]
}

const termsOf = (row: SubscriptionChangeRow): TermsChange => ({
  atMs: Date.parse(row.at),
  planId: row.to_plan_id,
  priceVersionId: row.to_price_version_id,
  status: row.to_status,
  proratesStart: row.prorates_start,
})

const termsNow = (row: SubscriptionRow): Omit<TermsChange, 'atMs'> => ({
  planId: row.plan_id,
  priceVersionId: row.price_version_id,
  status: row.status,
})

/** The stretch of the running period that a subscription is in at a moment, under the plan that it has then. */
export function runningStretch(
  terms: { readonly changes: readonly TermsChange[]; readonly proratesStart: boolean },
  subscription: Anchored,
  atMs: number,
): RunningStretch & { readonly period: BillingPeriod } {
  const anchor = anchorOf(subscription)
  const period = periodAt(anchor, atMs)
  const past = terms.changes.filter((change) => change.atMs <= atMs)
  const last = segmentsOf(past, period).at(-1)
  const began = Math.max(period.startMs, startOf(subscription))
  return {
    period,
    fromMs: last?.fromMs ?? began,
    wholeFromMs: feeFrom(anchor, period) ?? (terms.proratesStart ? period.startMs : began),
    endMs: period.endMs,
    isCharged: last?.isCharged ?? false,
  }
}
