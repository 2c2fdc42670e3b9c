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

type Dependencies = Pick<BillingDependencies, 'records' | 'invokeAll' | 'clock' | 'log'>

/** What a pass over the periods has done. */
export interface ClosedPeriods {
  readonly drafted: number
  /** Subscriptions whose period could not be closed; the others go on. */
  readonly failed: number
}

/** What is written to close a period of a subscription. */
interface Closing {
  readonly subscription: Rows['subscription']
  readonly calls: readonly Call[]
}

/**
 * Drafts the invoice of every period that has ended, period by period for a subscription that is behind, and notes which one comes next.
 * It looks at nothing but those: a subscription that rests costs nothing, however long its history. Done again, or by two at once, it
 * drafts none twice. One that cannot be closed is told in the log and tried again by the next pass.
 */
export async function closePeriods(deps: Dependencies, windowMs: number): Promise<ClosedPeriods> {
  await noteFirst(deps)
  const stuck = new Set<string>()
  let drafted = 0
  for (;;) {
    const due = await dueSubscriptions(deps, stuck)
    if (due.length === 0) return { drafted, failed: stuck.size }
    const worked = await Promise.all(
      due.map((subscription) =>
        closingOf(deps, subscription, windowMs).catch((error: unknown) =>
          giveUp(deps, stuck, subscription.id, error),
        ),
      ),
    )
    const closings = worked.filter((closing) => closing !== undefined)
    if (closings.length === 0) continue
    const done = await deps.invokeAll(closings.flatMap(({ calls }) => calls))
    if (done.ok) drafted += closings.filter(({ calls }) => calls.length > 1).length
    else drafted += await closeEach(deps, closings, stuck)
  }
}

function giveUp({ log }: Dependencies, stuck: Set<string>, id: string, error: unknown): undefined {
  stuck.add(id)
  log.error({ subscription: id, error }, 'a period could not be closed')
}

/** New subscriptions are invoiced from the period on that they were made in. */
async function noteFirst({ records, invokeAll }: Dependencies): Promise<void> {
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
  deps: Dependencies,
  closings: readonly Closing[],
  stuck: Set<string>,
): Promise<number> {
  let drafted = 0
  for (const { subscription, calls } of closings) {
    const { id, bill_at: billAt } = subscription
    const done = await deps.invokeAll(calls)
    if (done.ok) drafted += calls.length > 1 ? 1 : 0
    else if ((await deps.records.get('subscription', id))?.bill_at === billAt)
      giveUp(deps, stuck, id, done.message)
  }
  return drafted
}

async function dueSubscriptions({ records, clock }: Dependencies, stuck: ReadonlySet<string>) {
  const { items } = await records.list('subscription', {
    where: [{ field: 'bill_at', op: 'lte', value: timeText(clock.now()) }],
    sort: { field: 'bill_at', descending: false },
    limit: subscriptionsAtOnce + stuck.size,
  })
  return items.filter(({ id }) => !stuck.has(id))
}

async function closingOf(
  { records }: Dependencies,
  subscription: Rows['subscription'],
  windowMs: number,
): Promise<Closing> {
  const anchor = anchorOf(subscription)
  const billMs = Date.parse(String(subscription.bill_at))
  const { startMs, endMs } = periodAt(anchor, billMs - 1)
  const missed = await missedPeriodEnd(records, subscription)
  if (missed !== undefined) return { subscription, calls: [billNext(subscription.id, timeText(missed))] }
  const { changes } = await readTerms(records, subscription)
  const last = changes.at(-1)
  if (last?.status === 'ended' && last.atMs <= startMs)
    return { subscription, calls: [billNext(subscription.id, never)] }
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
  const next = periodAt(anchor, endMs)
  return { subscription, calls: [draft, billNext(subscription.id, timeText(next.endMs))] }
}

/**
 * Where the period ends that is to be closed in place of the one that was noted, where that was noted by somebody who did not see yet that
 * periods begin elsewhere since: the one that was cut short comes first, then the first of the new ones. undefined where all is well.
 */
async function missedPeriodEnd(
  records: Dependencies['records'],
  subscription: Rows['subscription'],
): Promise<number | undefined> {
  const anchor = anchorOf(subscription)
  const billMs = Date.parse(String(subscription.bill_at))
  let since = anchor.since
  while (since !== undefined && since.atMs >= billMs) since = since.before.since
  if (since === undefined) return undefined
  const { startMs, endMs } = periodAt(anchor, billMs - 1)
  if (endMs === billMs && startMs !== since.atMs) return undefined
  const wasThere = Date.parse(subscription.created_at) < since.atMs
  const cutShort = periodOrigin(subscription.id, periodAt(anchor, since.atMs - 1).startMs)
  if (wasThere && (await records.getBy('invoice', 'origin', cutShort)) === undefined) return since.atMs
  const firstEnd = periodAt(anchor, since.atMs).endMs
  return firstEnd === billMs ? undefined : firstEnd
}
