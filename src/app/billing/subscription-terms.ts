import type { Rows } from '#contract/rows.gen.ts'
import type { Anchor } from '#domain/billing/billing-period.ts'
import type { TermsChange } from '#domain/billing/timeline.ts'
import type { Records } from '#ports/records.ts'

/** What held for a subscription, and when. */
export interface SubscriptionTerms {
  /** Oldest first. */
  readonly changes: readonly TermsChange[]
  readonly proratesStart: boolean
}

/** Reads what a subscription had agreed on over time. */
export async function readTerms(
  _records: Records,
  { plan_id, trial_end }: Rows['subscription'],
): Promise<SubscriptionTerms> {
  const terms = { planId: plan_id, priceVersionId: null }
  const charged = { ...terms, atMs: trial_end === null ? 0 : Date.parse(trial_end), status: 'active' }
  const trial = trial_end === null ? [] : [{ ...terms, atMs: 0, status: 'trialing' }]
  return { changes: [...trial, charged], proratesStart: false }
}

/** Where the periods of a subscription begin: on the first of the month, or on the day that its periods began on. */
export function anchorOf({ current_period_start, created_at }: Rows['subscription']): Anchor {
  const start = new Date(current_period_start ?? created_at)
  const isMonth = start.getUTCDate() === 1
  return isMonth ? { kind: 'calendar_month' } : { kind: 'start_day', startedMs: start.getTime() }
}
