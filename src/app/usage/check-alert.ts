import { refuse, refuseFields } from '#contract/outcome.ts'
import type { Behaviour, BehaviourContext } from '#ports/behaviour.ts'

const mostAlerts = 50
const mostCaps = 100

// Routes are the operator's: customers name those that their use was counted on.
const isRoute = async ({ everywhere: { records } }: BehaviourContext, routeId: unknown): Promise<boolean> =>
  (await records.get('route', String(routeId))) !== undefined

const noRoute = refuseFields([{ field: 'route_id', reason: 'is no route' }])

/** before budget_alert.create: what is spent has a currency, units have none, and no organization has more alerts than somebody can read. */
export const checkUsageAlert: Behaviour = async (context) => {
  const { input, everywhere } = context
  const { measure, currency, organization_id, route_id: routeId } = input
  const hasCurrency = currency !== undefined && currency !== null
  if (measure === 'spend' && !hasCurrency)
    return refuseFields([{ field: 'currency', reason: 'must be given for what is spent' }])
  if (measure === 'units' && hasCurrency)
    return refuseFields([{ field: 'currency', reason: 'must not be given for units' }])
  if (typeof routeId === 'string' && !(await isRoute(context, routeId))) return noRoute
  const where = [{ field: 'organization_id', op: 'eq', value: organization_id }] as const
  const { items } = await everywhere.records.list('budget_alert', { where, limit: mostAlerts })
  return items.length < mostAlerts
    ? undefined
    : refuse('conflict', `An organization has at most ${mostAlerts} alerts`, { most: mostAlerts })
}

/** before route_cap.create: on a route that there is, and no organization has more of them than somebody can read. */
export const checkRouteCap: Behaviour = async (context) => {
  const { organization_id, route_id: routeId } = context.input
  if (!(await isRoute(context, routeId))) return noRoute
  const where = [{ field: 'organization_id', op: 'eq', value: organization_id }] as const
  const { items } = await context.everywhere.records.list('route_cap', { where, limit: mostCaps })
  return items.length < mostCaps
    ? undefined
    : refuse('conflict', `An organization has at most ${mostCaps} caps on routes`, { most: mostCaps })
}
