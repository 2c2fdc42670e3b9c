import { type Refusal, refuse } from '#contract/outcome.ts'
import type { SubscriptionRow } from '#contract/rows.gen.ts'
import { periodAt } from '#domain/billing/billing-period.ts'
import { nextStep, type Step } from '#domain/billing/next-step.ts'
import type { BehaviourContext } from '#ports/behaviour.ts'
import { isFree, priceOf } from './choose-plan.ts'
import { beginPlan } from './move-anchor.ts'
import { anchorOf } from './subscription-log.ts'

/** Does the one step that is due at `at`; refused where that step is done, or not due yet: then somebody else was faster. */
export async function carryOutStep(
  context: BehaviourContext,
  before: SubscriptionRow,
): Promise<Refusal | undefined> {
  const { input, now } = context
  const step = nextStep({
    status: before.status,
    periodEndMs: timeOf(before.current_period_end),
    trialEndMs: timeOf(before.trial_end),
    endsAtMs: timeOf(before.ends_at),
    graceEndMs: before.restricted_at === null ? timeOf(before.grace_until) : null,
  })
  if (step === undefined || step.atMs > now || new Date(step.atMs).toISOString() !== input['at'])
    return refuse('illegal_transition', 'Nothing of this subscription is due at that time', { field: 'at' })
  if (step.kind === 'end') {
    Object.assign(input, { status: 'ended', pending_plan_id: null })
    return undefined
  }
  if (step.kind === 'restrict') return restrict(context, before)
  return step.kind === 'end_trial' ? endTrial(context, before) : renew(context, before, step)
}

const usualThrottle = 6

/** The grace is over: throttled or blocked until it is paid. The gateway itself blocks at the very end of the grace. */
async function restrict(
  { input, records, now }: BehaviourContext,
  before: SubscriptionRow,
): Promise<undefined> {
  Object.assign(input, { restricted_at: new Date(now).toISOString(), mail_due: true })
  if (before.dunning_policy !== 'throttle') return undefined
  const setting = await records.getBy('setting', 'key', 'billing.throttle_per_minute')
  input['throttle_per_minute'] = Number(setting?.value || usualThrottle)
  return undefined
}

async function endTrial(context: BehaviourContext, before: SubscriptionRow): Promise<undefined> {
  const { input, records } = context
  const plan = await records.get('plan', before.plan_id)
  const price = await priceOf(records, before)
  const needsPayment = price !== undefined && !isFree(price)
  const isPaid = !needsPayment || (await hasPaymentMethod(context, before.organization_id))
  const fate = isPaid ? 'activate' : (plan?.trial_without_payment ?? 'activate')
  if (fate === 'activate') input['status'] = 'active'
  if (fate === 'pause')
    Object.assign(input, { status: 'paused', pause_reason: 'trial_ended', resumes_to: 'active' })
  if (fate === 'cancel') Object.assign(input, { status: 'ended', pending_plan_id: null })
  return undefined
}

// Periods that nobody was there for are passed over: what they cost is read from the log, not from here.
async function renew(context: BehaviourContext, before: SubscriptionRow, step: Step): Promise<undefined> {
  const { input, now, log } = context
  if (before.pending_plan_id !== null) {
    input['pending_plan_id'] = null
    const refusal = await beginPlan(context, before, before.pending_plan_id, step.atMs)
    // The plan was withdrawn meanwhile: the subscriber keeps what they have.
    if (refusal !== undefined)
      log.warn({ subscription: before.id, reason: refusal.message }, 'a scheduled plan could not begin')
  }
  const period = periodAt(anchorOf({ ...before, ...input }), Math.max(now, step.atMs))
  input['current_period_start'] = new Date(period.startMs).toISOString()
  input['current_period_end'] = new Date(period.endMs).toISOString()
  return undefined
}

async function hasPaymentMethod({ records }: BehaviourContext, organizationId: string): Promise<boolean> {
  const page = await records.list('payment_method', {
    where: [
      { field: 'organization_id', op: 'eq', value: organizationId },
      { field: 'status', op: 'eq', value: 'active' },
    ],
    limit: 1,
  })
  return page.items.length > 0
}

const timeOf = (text: string | null): number | null => (text === null ? null : Date.parse(text))
