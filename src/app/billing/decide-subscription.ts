import { type Refusal, refuse } from '#contract/outcome.ts'
import type { SubscriptionRow } from '#contract/rows.gen.ts'
import { periodAt } from '#domain/billing/billing-period.ts'
import { nextStep } from '#domain/billing/next-step.ts'
import { servedStatuses } from '#domain/subscription-standing.ts'
import { canBecome, subscriptionTransitions } from '#domain/transitions.ts'
import type { Behaviour, BehaviourContext } from '#ports/behaviour.ts'
import { carryOutStep } from './carry-out-step.ts'
import { planFor } from './choose-plan.ts'
import { beginPlan } from './move-anchor.ts'
import { refuseSecond } from './one-subscription.ts'
import { anchorOf } from './subscription-log.ts'

type Turn = (
  context: BehaviourContext,
  before: SubscriptionRow,
) => Promise<Refusal | undefined> | Refusal | undefined

const turns: Readonly<Record<string, Turn>> = {
  update: async (context, before) => {
    const { input } = context
    const { status, plan_id: planId, pending_plan_id: pendingId } = input
    if (typeof pendingId === 'string') {
      const plan = await planFor(context.records, pendingId, before.api_id ?? '')
      if (!plan.ok) return plan
    }
    if (typeof status === 'string' && status !== before.status) {
      input['pause_reason'] = status === 'paused' ? (input['pause_reason'] ?? 'operator') : null
      input['resumes_to'] = before.status
      if (status !== 'cancelled') input['ends_at'] = null
    }
    if (typeof planId !== 'string' || planId === before.plan_id) return undefined
    return beginPlan(context, before, planId)
  },
  change_plan: (context, before) => {
    if (!['trialing', 'active', 'past_due'].includes(before.status))
      return refuse(
        'illegal_transition',
        `The plan of a subscription that is ${before.status} cannot change`,
        {
          field: 'status',
          from: before.status,
        },
      )
    const { from_plan_id: seen } = context.input
    delete context.input['from_plan_id']
    if (typeof seen === 'string' && seen !== before.plan_id)
      return refuse('conflict', 'The subscription has another plan by now', { reason: 'plan_changed' })
    return beginPlan(context, before, String(context.input['plan_id']))
  },
  schedule_plan: async ({ input, records }, before) => {
    const planId = String(input['plan_id'])
    delete input['plan_id']
    const plan = await planFor(records, planId, before.api_id ?? '')
    if (!plan.ok) return plan
    if (!['trialing', 'active', 'past_due', 'paused'].includes(before.status))
      return refuse('illegal_transition', `A subscription that is ${before.status} has no next period`, {
        field: 'status',
        from: before.status,
      })
    input['pending_plan_id'] = planId === before.plan_id ? null : planId
    return undefined
  },
  keep_plan: ({ input }) => {
    input['pending_plan_id'] = null
    return undefined
  },
  cancel: ({ input, now }, before) => {
    if (before.status === 'cancelled') input['cancelled_at'] = before.cancelled_at
    else
      Object.assign(input, { resumes_to: before.status, ends_at: endOf(before, now), pending_plan_id: null })
    return undefined
  },
  pause: ({ input, actor }, before) => {
    if (before.status === 'paused') return undefined
    const pauseReason = actor.kind === 'member' ? 'customer' : 'operator'
    Object.assign(input, { resumes_to: before.status, pause_reason: pauseReason })
    return undefined
  },
  resume: resume,
  carry_out: carryOutStep,
  fall_past_due: ({ input }, before) => {
    if (before.status !== 'active' && before.status !== 'trialing')
      return refuse('illegal_transition', `A subscription that is ${before.status} does not fall past due`, {
        field: 'status',
        from: before.status,
      })
    input['status'] = 'past_due'
    return undefined
  },
  recover: ({ input, now }, before) => {
    if (before.status !== 'past_due')
      return refuse(
        'illegal_transition',
        `A subscription that is ${before.status} has nothing to recover from`,
        {
          field: 'status',
          from: before.status,
        },
      )
    input['status'] = now < (timeOf(before.trial_end) ?? now) ? 'trialing' : 'active'
    return undefined
  },
}

/** before every action of a subscription: its life cycle, what goes with the step, and when time changes it next. */
export const decideSubscription: Behaviour = async (context) => {
  const { action, input } = context
  const before = context.before as unknown as SubscriptionRow
  const refusal = await turns[action]?.(context, before)
  if (refusal !== undefined) return refusal
  const to = input['status']
  const from = before.status
  if (typeof to === 'string' && !canBecome(subscriptionTransitions, from, to))
    return refuse('illegal_transition', `A subscription that is ${from} cannot become ${to}`, {
      field: 'status',
      from,
      to,
    })
  if (typeof to === 'string' && servedStatuses.includes(to) && !servedStatuses.includes(from)) {
    const second = await refuseSecond(context.records, before)
    if (second !== undefined) return second
  }
  // Who is not past due any more has neither grace nor restriction.
  if (from === 'past_due' && typeof to === 'string' && to !== 'past_due')
    Object.assign(input, {
      grace_until: null,
      dunning_policy: null,
      restricted_at: null,
      throttle_per_minute: null,
      mail_due: false,
    })
  input['due_at'] = dueAt({ ...before, ...input })
  return undefined
}

/** When time changes a subscription next, as it is stored. */
export function dueAt(
  row: Pick<SubscriptionRow, 'status' | 'current_period_end' | 'trial_end' | 'ends_at'> &
    Partial<Pick<SubscriptionRow, 'grace_until' | 'restricted_at'>>,
): string | null {
  const step = nextStep({
    status: row.status,
    periodEndMs: timeOf(row.current_period_end),
    trialEndMs: timeOf(row.trial_end),
    endsAtMs: timeOf(row.ends_at),
    graceEndMs: (row.restricted_at ?? null) === null ? timeOf(row.grace_until ?? null) : null,
  })
  return step === undefined ? null : new Date(step.atMs).toISOString()
}

function resume({ input, actor, now }: BehaviourContext, before: SubscriptionRow): Refusal | undefined {
  const { status } = before
  const isOver = status === 'cancelled' && now >= (timeOf(before.ends_at ?? before.current_period_end) ?? now)
  if (isOver)
    return refuse('illegal_transition', 'This subscription is over', { field: 'status', from: status })
  const isTheirs = status === 'cancelled' || (status === 'paused' && before.pause_reason === 'customer')
  if (actor.kind === 'member' && !isTheirs)
    return refuse(
      'permission_denied',
      `A subscription that is ${status} here is resumed by the operator or a payment`,
      {
        field: 'status',
        from: status,
      },
    )
  const known = status === 'paused' || status === 'cancelled' ? (before.resumes_to ?? 'active') : 'active'
  const isTrialOver = known === 'trialing' && now >= (timeOf(before.trial_end) ?? now)
  const cleared = { cancelled_at: null, ends_at: null, pause_reason: null, resumes_to: null }
  Object.assign(input, cleared, { status: isTrialOver ? 'active' : known })
  return undefined
}

/** Where a subscription ends that is cancelled now: with its trial, else with its period. */
function endOf(row: SubscriptionRow, now: number): string {
  const trialEnd = timeOf(row.trial_end)
  if (row.status === 'trialing' && trialEnd !== null && trialEnd > now)
    return new Date(trialEnd).toISOString()
  const stored = timeOf(row.current_period_end)
  const end = stored !== null && stored > now ? stored : periodAt(anchorOf(row), now).endMs
  return new Date(end).toISOString()
}

const timeOf = (text: string | null): number | null => (text === null ? null : Date.parse(text))
