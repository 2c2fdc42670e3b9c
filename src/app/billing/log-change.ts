import type { SubscriptionRow } from '#contract/rows.gen.ts'
import { prorate } from '#domain/billing/proration.ts'
import { isChargedStatus } from '#domain/billing/timeline.ts'
import type { Behaviour, BehaviourContext } from '#ports/behaviour.ts'
import { priceOf } from './choose-plan.ts'
import { runningStretch } from './subscription-log.ts'
import { readTerms } from './subscription-terms.ts'

const reasons: Readonly<Record<string, string>> = {
  create: 'created',
  update: 'updated',
  change_plan: 'plan_changed',
  cancel: 'cancelled',
  pause: 'paused',
  resume: 'resumed',
}

/** after every action of a subscription: from when on it has which plan, price and status, and what that does to the fees. */
export const logSubscriptionChange: Behaviour = async (context) => {
  const after = context.after as unknown as SubscriptionRow
  const before = context.before as unknown as SubscriptionRow | undefined
  if (before !== undefined && isSame(before, after)) return undefined
  const plan = await context.records.get('plan', after.plan_id)
  const made = await context.invoke({
    module: 'subscription_change',
    action: 'create',
    input: {
      organization_id: after.organization_id,
      subscription_id: after.id,
      reason: reasonOf(context.action, before, after),
      ...(before === undefined ? {} : fromOf(before)),
      to_plan_id: after.plan_id,
      ...(after.price_version_id === null ? {} : { to_price_version_id: after.price_version_id }),
      to_status: after.status,
      prorates_start: plan?.prorate_start === true,
      ...(await timeAndFees(context, before, after)),
    },
  })
  return made.ok ? undefined : made
}

const isSame = (one: SubscriptionRow, other: SubscriptionRow): boolean =>
  one.plan_id === other.plan_id &&
  one.price_version_id === other.price_version_id &&
  one.status === other.status

const fromOf = (before: SubscriptionRow) => ({
  from_plan_id: before.plan_id,
  ...(before.price_version_id === null ? {} : { from_price_version_id: before.price_version_id }),
  from_status: before.status,
})

function reasonOf(action: string, before: SubscriptionRow | undefined, after: SubscriptionRow): string {
  if (action !== 'carry_out') return reasons[action] ?? action
  if (after.status === 'ended' && before?.status === 'cancelled') return 'ended'
  return before?.status === after.status ? 'scheduled_plan' : 'trial_ended'
}

async function timeAndFees(
  { action, input, now, records }: BehaviourContext,
  before: SubscriptionRow | undefined,
  after: SubscriptionRow,
) {
  if (before === undefined)
    return { at: new Date(Date.parse(after.started_at ?? after.created_at)).toISOString() }
  const terms = await readTerms(records, before)
  // What was due earlier is noted at its time, but never before what was noted already.
  const noted = terms.changes.at(-1)?.atMs ?? 0
  const wanted = action === 'carry_out' ? Date.parse(String(input['at'])) : now
  // At the same moment ids decide, and those of a node whose clock is behind would say that it was earlier.
  const atMs = wanted < noted ? noted + 1 : wanted
  const at = new Date(atMs).toISOString()
  if (action === 'carry_out' || before.price_version_id === after.price_version_id) return { at }
  const from = await priceOf(records, before)
  const to = await priceOf(records, after)
  if (from === undefined || to === undefined) return { at }
  const stretch = runningStretch(terms, after, atMs)
  const isCharged = stretch.isCharged && isChargedStatus(after.status)
  const proration = prorate(from, to, { ...stretch, isCharged }, atMs)
  return {
    at,
    currency: to.currency,
    credit: Number(proration.creditMinor),
    charge: Number(proration.chargeMinor),
    unused_seconds: proration.unusedSeconds,
    period_seconds: proration.periodSeconds,
  }
}
