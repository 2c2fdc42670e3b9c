import type { Refusal } from '#contract/outcome.ts'
import type { Rows } from '#contract/rows.gen.ts'
import { periodAt } from '#domain/billing/billing-period.ts'
import { segmentsOf } from '#domain/billing/timeline.ts'
import type { Call } from '#ports/invoke.ts'
import { payeeOf } from './billing-terms.ts'
import { priceOf } from './choose-plan.ts'
import { type BillingDependencies, ownCall, timeText } from './dependencies.ts'
import { anchorOf } from './subscription-log.ts'
import { readTerms } from './subscription-terms.ts'

const subscriptionsAtOnce = 200
/** When a subscription is invoiced next that is over and invoiced. */
const never = '9999-12-31T00:00:00.000Z'

/** The origin of the invoice of a period: one subscription and period is one invoice. */
const periodOrigin = (subscriptionId: string, startMs: number): string =>
  `period:${subscriptionId}:${timeText(startMs)}`

/**
 * Drafts the invoice of every period that has ended, period by period for a subscription that is behind, and notes which one comes next.
 * It looks at nothing but those: a subscription that rests costs nothing, however long its history. Answers how many were drafted; done
 * again, or by two at once, it drafts none twice.
 */
export async function closePeriods(deps: BillingDependencies, windowMs: number): Promise<number> {
  await noteFirst(deps)
  let drafted = 0
  for (;;) {
    const due = await dueSubscriptions(deps)
    if (due.length === 0) return drafted
    const groups = await Promise.all(due.map((subscription) => closingCalls(deps, subscription, windowMs)))
    const done = await deps.invokeAll(groups.flat())
    if (done.ok) drafted += groups.filter((calls) => calls.length > 1).length
    else drafted += await closeEach(deps, groups, done)
  }
}

/** New subscriptions are invoiced from the period on that they were made in. */
async function noteFirst({ records, invokeAll }: BillingDependencies): Promise<void> {
  for (;;) {
    const { items } = await records.list('subscription', {
      where: [{ field: 'bill_at', op: 'eq', value: null }],
      limit: subscriptionsAtOnce,
    })
    if (items.length === 0) return
    const calls = items.map((subscription) => {
      const period = periodAt(anchorOf(subscription), Date.parse(subscription.created_at))
      return billNext(subscription.id, timeText(period.endMs))
    })
    const done = await invokeAll(calls)
    if (!done.ok) throw new Error(`it cannot be noted when subscriptions are invoiced: ${done.message}`)
  }
}

const billNext = (id: string, billAt: string): Call =>
  ownCall({ module: 'subscription', action: 'bill_next', id, input: { bill_at: billAt } })

/** Somebody else was there, or one of them cannot be closed: each alone, and the others are not kept from it. */
async function closeEach(
  deps: BillingDependencies,
  groups: readonly (readonly Call[])[],
  first: Refusal,
): Promise<number> {
  let drafted = 0
  let isStuck = true
  let last: Refusal = first
  for (const calls of groups) {
    const done = await deps.invokeAll(calls)
    if (!done.ok) last = done
    else {
      isStuck = false
      drafted += calls.length > 1 ? 1 : 0
    }
  }
  if (isStuck && (await dueSubscriptions(deps)).length >= groups.length)
    throw new Error(`periods cannot be closed: ${last.message}`)
  return drafted
}

async function dueSubscriptions({ records, clock }: BillingDependencies) {
  const { items } = await records.list('subscription', {
    where: [{ field: 'bill_at', op: 'lte', value: timeText(clock.now()) }],
    sort: { field: 'bill_at', descending: false },
    limit: subscriptionsAtOnce,
  })
  return items
}

async function closingCalls(
  { records }: BillingDependencies,
  subscription: Rows['subscription'],
  windowMs: number,
): Promise<readonly Call[]> {
  const { startMs, endMs } = periodAt(anchorOf(subscription), Date.parse(String(subscription.bill_at)) - 1)
  const { changes } = await readTerms(records, subscription)
  const last = changes.at(-1)
  if (last?.status === 'ended' && last.atMs <= startMs) return [billNext(subscription.id, never)]
  const segments = segmentsOf(changes, { startMs, endMs })
  // What began with the next period is not what this one was sold for.
  const held = segments.findLast(({ isCharged }) => isCharged) ?? segments.at(-1)
  const planId = held?.planId ?? subscription.plan_id
  const price = await priceOf(records, { plan_id: planId, price_version_id: held?.priceVersionId ?? null })
  const payee = await payeeOf(records, subscription.api_id)
  const draft = ownCall({
    module: 'invoice',
    action: 'create',
    input: {
      organization_id: subscription.organization_id,
      subscription_id: subscription.id,
      kind: 'period',
      origin: periodOrigin(subscription.id, startMs),
      plan_id: planId,
      period_start: timeText(startMs),
      period_end: timeText(endMs),
      finalize_at: timeText(endMs + windowMs),
      currency: price?.currency,
      ...(payee === undefined ? {} : { payee_id: payee.payeeId }),
    },
  })
  const next = periodAt(anchorOf(subscription), endMs)
  return [draft, billNext(subscription.id, timeText(next.endMs))]
}
