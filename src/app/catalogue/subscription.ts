import { refuse, refuseFields } from '#contract/outcome.ts'
import { monthOf } from '#domain/period.ts'
import { servedStatuses } from '#domain/subscription-standing.ts'
import { canBecome, subscriptionTransitions } from '#domain/transitions.ts'
import type { Behaviour, BehaviourContext } from '#ports/behaviour.ts'
import { defaultApi } from '../identity/own-organization.ts'

const dayMs = 86_400_000

/** before subscription.create: fills API, period and trial from the plan; one served subscription an organization and API. */
export const takeSubscriptionDefaults: Behaviour = async (context) => {
  const { input, records, now } = context
  input['api_id'] ??= (await defaultApi(records))?.id
  if (typeof input['api_id'] !== 'string')
    return refuseFields([{ field: 'api_id', reason: 'is required: there is no default API' }])
  const misfit = await planMisfit(context, input['api_id'])
  if (misfit !== undefined) return misfit
  const plan = await records.get('plan', String(input['plan_id']))
  const month = monthOf(now)
  input['current_period_start'] ??= new Date(month.start).toISOString()
  input['current_period_end'] ??= new Date(month.end).toISOString()
  if (plan !== undefined && plan.trial_days > 0 && input['trial_end'] === undefined) {
    input['trial_end'] = new Date(now + plan.trial_days * dayMs).toISOString()
    input['status'] = 'trialing'
  }
  const others = await records.list('subscription', {
    where: [
      { field: 'organization_id', op: 'eq', value: input['organization_id'] },
      { field: 'api_id', op: 'eq', value: input['api_id'] },
      { field: 'status', op: 'in', value: servedStatuses },
    ],
    limit: 1,
  })
  if (others.items.length === 0) return undefined
  return refuse('conflict', 'The organization already has a subscription to this API', {
    field: 'organization_id',
    subscription_id: others.items[0]?.id,
  })
}

/** before update, cancel, pause and resume: the life cycle's transitions, and a plan of the same API. */
export const checkSubscriptionTransition: Behaviour = async (context) => {
  const { action, input, before } = context
  const targets: Readonly<Record<string, string>> = { cancel: 'cancelled', pause: 'paused', resume: 'active' }
  const to = targets[action] ?? input['status']
  const from = String(before?.['status'])
  if (typeof to === 'string' && !canBecome(subscriptionTransitions, from, to))
    return refuse('illegal_transition', `A subscription that is ${from} cannot become ${to}`, {
      field: 'status',
      from,
      to,
    })
  return input['plan_id'] === undefined ? undefined : planMisfit(context, String(before?.['api_id']))
}

/** after create and update: shows the plan on the users whose own organization this is. */
export const mirrorPlanToUsers: Behaviour = async ({ after, records, invoke }) => {
  const api = await defaultApi(records)
  if (after === undefined || after['api_id'] !== api?.id) return undefined
  const users = await records.list('user', {
    where: [{ field: 'organization_id', op: 'eq', value: after['organization_id'] }],
  })
  for (const user of users.items) {
    if (user.plan_id === after['plan_id']) continue
    const shown = await invoke({
      module: 'user',
      action: 'update',
      id: user.id,
      input: { plan_id: after['plan_id'] },
    })
    if (!shown.ok) return shown
  }
  return undefined
}

async function planMisfit({ input, records }: BehaviourContext, apiId: string) {
  const plan = await records.get('plan', String(input['plan_id']))
  if (plan === undefined) return refuseFields([{ field: 'plan_id', reason: 'does not exist' }])
  if (!plan.enabled) return refuseFields([{ field: 'plan_id', reason: 'is not on offer any more' }])
  const planApiId = plan.api_id ?? (await defaultApi(records))?.id
  if (planApiId !== apiId) return refuseFields([{ field: 'plan_id', reason: 'belongs to another API' }])
  return undefined
}
