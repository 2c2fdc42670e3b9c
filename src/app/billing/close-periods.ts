import type { Refusal } from '#contract/outcome.ts'
import type { Rows } from '#contract/rows.gen.ts'
import { periodAt } from '#domain/billing/billing-period.ts'
import type { Call } from '#ports/invoke.ts'
import { payeeOf } from './billing-terms.ts'
import { type BillingDependencies, ownCall, timeText } from './dependencies.ts'
import { anchorOf } from './subscription-log.ts'

const subscriptionsAtOnce = 50
const openStatuses = ['trialing', 'active', 'past_due', 'paused', 'cancelled']

/** The origin of the invoice of a period: one subscription and period is one invoice. */
const periodOrigin = (subscriptionId: string, startMs: number): string =>
  `period:${subscriptionId}:${timeText(startMs)}`

/**
 * Drafts the invoice of every period that has ended and lets its subscription go on with the next one, or end; period by period for one
 * that is behind. Answers how many were drafted. Done again, or by two at once, it drafts none twice.
 */
export async function closePeriods(deps: BillingDependencies, windowMs: number): Promise<number> {
  let drafted = 0
  for (;;) {
    const due = await dueSubscriptions(deps)
    if (due.length === 0) return drafted
    const groups = await Promise.all(due.map((subscription) => closingCalls(deps, subscription, windowMs)))
    const done = await deps.invokeAll(groups.flat())
    if (done.ok) drafted += due.length
    else drafted += await closeEach(deps, groups, done)
  }
}

/** Somebody else was there, or one of them cannot be closed: each alone, and the others are not kept from it. */
async function closeEach(
  deps: BillingDependencies,
  groups: readonly (readonly Call[])[],
  first: Refusal,
): Promise<number> {
  let drafted = 0
  let last: Refusal = first
  for (const calls of groups) {
    const done = await deps.invokeAll(calls)
    if (done.ok) drafted += 1
    else last = done
  }
  if (drafted === 0 && (await dueSubscriptions(deps)).length >= groups.length)
    throw new Error(`periods cannot be closed: ${last.message}`)
  return drafted
}

async function dueSubscriptions({ records, clock }: BillingDependencies) {
  const { items } = await records.list('subscription', {
    where: [
      { field: 'current_period_end', op: 'lte', value: timeText(clock.now()) },
      { field: 'status', op: 'in', value: openStatuses },
    ],
    sort: { field: 'current_period_end', descending: false },
    limit: subscriptionsAtOnce,
  })
  return items
}

async function closingCalls(
  { records }: BillingDependencies,
  subscription: Rows['subscription'],
  windowMs: number,
): Promise<readonly Call[]> {
  const startMs = Date.parse(String(subscription.current_period_start))
  const endMs = Date.parse(String(subscription.current_period_end))
  const plan = await records.get('plan', subscription.plan_id)
  const payee = await payeeOf(records, subscription.api_id)
  const draft = ownCall({
    module: 'invoice',
    action: 'create',
    input: {
      organization_id: subscription.organization_id,
      subscription_id: subscription.id,
      kind: 'period',
      origin: periodOrigin(subscription.id, startMs),
      plan_id: subscription.plan_id,
      period_start: timeText(startMs),
      period_end: timeText(endMs),
      finalize_at: timeText(endMs + windowMs),
      currency: plan?.currency,
      ...(payee === undefined ? {} : { payee_id: payee.payeeId }),
    },
  })
  const isOver = subscription.status === 'cancelled'
  const next = periodAt(anchorOf(subscription), endMs)
  const goOn = ownCall({
    module: 'subscription',
    action: 'update',
    id: subscription.id,
    input: isOver
      ? { status: 'ended' }
      : { current_period_start: timeText(endMs), current_period_end: timeText(next.endMs) },
  })
  return [draft, goOn]
}
