import { refuse, refuseFields } from '#contract/outcome.ts'
import type { Behaviour } from '#ports/behaviour.ts'

const mostAlerts = 50

/** before budget_alert.create: what is spent has a currency, units have none, and no organization has more alerts than somebody can read. */
export const checkUsageAlert: Behaviour = async ({ input, everywhere: { records } }) => {
  const { measure, currency, organization_id, route_id: routeId } = input
  const hasCurrency = currency !== undefined && currency !== null
  if (measure === 'spend' && !hasCurrency)
    return refuseFields([{ field: 'currency', reason: 'must be given for what is spent' }])
  if (measure === 'units' && hasCurrency)
    return refuseFields([{ field: 'currency', reason: 'must not be given for units' }])
  // Routes are the operator's: customers name those that their use was counted on.
  if (typeof routeId === 'string' && (await records.get('route', routeId)) === undefined)
    return refuseFields([{ field: 'route_id', reason: 'is no route' }])
  const where = [{ field: 'organization_id', op: 'eq', value: organization_id }] as const
  const { items } = await records.list('budget_alert', { where, limit: mostAlerts })
  return items.length < mostAlerts
    ? undefined
    : refuse('conflict', `An organization has at most ${mostAlerts} alerts`, { most: mostAlerts })
}
