import type { Rows } from '#contract/rows.gen.ts'
import type { TermsChange } from '#domain/billing/timeline.ts'
import type { Records } from '#ports/records.ts'
import { readLog, startOf } from './subscription-log.ts'

/** What held for a subscription, and when. */
export interface SubscriptionTerms {
  /** Oldest first. */
  readonly changes: readonly TermsChange[]
  readonly proratesStart: boolean
}

/** Reads what a subscription had agreed on over time. */
export async function readTerms(
  records: Pick<Records, 'get' | 'list'>,
  subscription: Rows['subscription'],
): Promise<SubscriptionTerms> {
  const changes = await readLog(records, subscription)
  const first = changes.findLast(({ atMs }) => atMs <= startOf(subscription)) ?? changes[0]
  if (typeof first?.proratesStart === 'boolean') return { changes, proratesStart: first.proratesStart }
  const plan = first === undefined ? undefined : await records.get('plan', first.planId)
  return { changes, proratesStart: plan?.prorate_start === true }
}
