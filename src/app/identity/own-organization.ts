import { refuse } from '#contract/outcome.ts'
import { canBecome, userTransitions } from '#domain/transitions.ts'
import type { Behaviour, BehaviourContext } from '#ports/behaviour.ts'

/**
 * before user.create: opens the user's own organization, subscribed to the default API under the wished plan. Who is invited into another
 * one gets none.
 */
export const openOwnOrganization: Behaviour = async (context) => {
  const { input } = context
  if (input['without_organization'] === true) {
    delete input['plan_id']
    return undefined
  }
  const name = [input['organization_name'], input['name'], input['email']].find(
    (wish) => typeof wish === 'string' && wish !== '',
  )
  const organization = await context.invoke({
    module: 'organization',
    action: 'create',
    input: { name, email: input['email'] },
  })
  if (!organization.ok) return organization
  const organizationId = organization.value.row.id
  input['organization_id'] = organizationId
  const subscription = await ownSubscription(context, organizationId)
  if (subscription === undefined) {
    delete input['plan_id']
    return undefined
  }
  if (input['plan_id'] === undefined || input['plan_id'] === null) {
    input['plan_id'] = subscription.plan_id
    return undefined
  }
  return changePlan(context, organizationId, String(input['plan_id']))
}

/** after user.create: the user owns that organization. */
export const joinOwnOrganization: Behaviour = async (context) => {
  if (typeof context.after?.['organization_id'] !== 'string') return undefined
  const joined = await context.invoke({
    module: 'membership',
    action: 'create',
    input: { organization_id: context.after['organization_id'], user_id: context.id, role: 'owner' },
  })
  return joined.ok ? undefined : joined
}

/** before user.update: a new plan_id changes the subscription of the user's own organization, which is where a plan lives. */
export const changeOwnPlan: Behaviour = async (context) => {
  const { input, before } = context
  const planId = input['plan_id']
  if (planId === undefined || planId === null || planId === before?.['plan_id']) return undefined
  const organizationId = before?.['organization_id']
  return typeof organizationId === 'string' ? changePlan(context, organizationId, String(planId)) : undefined
}

/** before update, suspend, activate and cancel of a user: only the transitions of the account's life cycle. */
export const checkUserTransition: Behaviour = ({ action, input, before }) => {
  const targets: Readonly<Record<string, string>> = {
    activate: 'active',
    cancel: 'cancelled',
    suspend: 'suspended',
  }
  const to = targets[action] ?? input['status']
  const from = String(before?.['status'])
  if (typeof to !== 'string' || canBecome(userTransitions, from, to)) return undefined
  return refuse('illegal_transition', `A user that is ${from} cannot become ${to}`, {
    field: 'status',
    from,
    to,
  })
}

async function ownSubscription({ records }: BehaviourContext, organizationId: string) {
  const api = await defaultApi(records)
  if (api === undefined) return undefined
  const page = await records.list('subscription', {
    where: [
      { field: 'organization_id', op: 'eq', value: organizationId },
      { field: 'api_id', op: 'eq', value: api.id },
      { field: 'status', op: 'ne', value: 'ended' },
    ],
    limit: 1,
  })
  return page.items[0]
}

async function changePlan(context: BehaviourContext, organizationId: string, planId: string) {
  const subscription = await ownSubscription(context, organizationId)
  if (subscription === undefined)
    return refuse('validation_error', 'plan_id cannot be set: the organization has no subscription', {
      field: 'plan_id',
      reason: 'cannot be set: the organization has no subscription to the default API',
    })
  if (subscription.plan_id === planId) return undefined
  const changed = await context.invoke({
    module: 'subscription',
    action: 'update',
    id: subscription.id,
    input: { plan_id: planId },
  })
  return changed.ok ? undefined : changed
}

/** The operator's own API, which every organization is subscribed to. */
export async function defaultApi(records: BehaviourContext['records']) {
  const page = await records.list('api', {
    where: [{ field: 'is_default', op: 'eq', value: true }],
    limit: 1,
  })
  return page.items[0]
}
