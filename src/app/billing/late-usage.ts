import type { Rows } from '#contract/rows.gen.ts'
import type { BillingDependencies } from './dependencies.ts'
import { rateSubscription } from './rate-subscription.ts'

/** What late usage makes of a period that was billed before. */
export interface TrueUp {
  readonly invoice: Rows['invoice']
  /** Late units, and what the period comes to more, or less, because of them. */
  readonly units: number
  readonly differenceMinor: bigint
  /** What the period comes to now, and up to which arrival. */
  readonly ratedMinor: bigint
  readonly ratedThrough: number
}

/** The periods of a subscription that usage came late for, up to an arrival; each is rated anew from its raw events. */
export async function trueUpsOf(
  deps: Pick<BillingDependencies, 'records' | 'evidence' | 'cutOff'>,
  subscription: Rows['subscription'],
  upTo: number,
): Promise<readonly TrueUp[]> {
  const { records, cutOff } = deps
  const ups: TrueUp[] = []
  const late = await cutOff.latePeriods(subscription.id, upTo)
  if (late === undefined) return []
  const { items } = await records.list('invoice', {
    where: [
      { field: 'subscription_id', op: 'eq', value: subscription.id },
      { field: 'kind', op: 'eq', value: 'period' },
      { field: 'status', op: 'ne', value: 'draft' },
      { field: 'period_end', op: 'gt', value: new Date(late.earliestAt).toISOString() },
      { field: 'period_start', op: 'lte', value: new Date(late.latestAt).toISOString() },
    ],
    sort: { field: 'period_start', descending: false },
    limit: 500,
  })
  for (const invoice of items) {
    const period = periodOf(invoice)
    const after = invoice.rated_through ?? 0
    const units = await cutOff.lateUnits({
      subscriptionId: subscription.id,
      fromMs: period.startMs,
      toMs: period.endMs,
      after,
      upTo,
    })
    if (units === undefined || after >= upTo) continue
    const rated = await rateSubscription(deps, subscription, period, upTo)
    ups.push({
      invoice,
      units,
      differenceMinor: rated.netMinor - BigInt(invoice.rated_amount ?? 0),
      ratedMinor: rated.netMinor,
      ratedThrough: upTo,
    })
  }
  return ups
}

/** The time that an invoice is about. */
export const periodOf = ({
  period_start,
  period_end,
}: Pick<Rows['invoice'], 'period_start' | 'period_end'>) => ({
  startMs: Date.parse(String(period_start)),
  endMs: Date.parse(String(period_end)),
})
