import { type Refusal, refuse } from '#contract/outcome.ts'

/** Statuses of a subscription that is, or may still be, served; at most one of an organization and API has one of them. */
export const servedStatuses: readonly string[] = ['trialing', 'active', 'past_due', 'cancelled']

/**
 * Why a subscription is not served now, or undefined. Trialing and active are; past due is until its grace ends, cancelled
 * until its period ends. `servedUntilMs` null means no such end is set.
 */
export function servedRefusal(
  status: string,
  servedUntilMs: number | null,
  nowMs: number,
): Refusal | undefined {
  if (status === 'active' || status === 'trialing') return undefined
  const isBeforeEnd = servedUntilMs !== null && nowMs < servedUntilMs
  if (status === 'past_due') {
    if (servedUntilMs === null || isBeforeEnd) return undefined
    return refuse('payment_required', 'An invoice of this subscription is overdue')
  }
  if (status === 'cancelled' && isBeforeEnd) return undefined
  return refuse('subscription_required', 'The subscription to this API is not active')
}
