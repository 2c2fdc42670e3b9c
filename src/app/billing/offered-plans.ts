import type { PlanRow } from '#contract/rows.gen.ts'
import { servedStatuses } from '#domain/subscription-standing.ts'
import type { Records } from '#ports/records.ts'
import { defaultApi } from '../identity/own-organization.ts'

/** A plan as a member sees it: whether somebody may change to it, and whether the organization has it. */
export interface OfferedPlan {
  readonly plan: PlanRow
  readonly apiId: string
  readonly isOnOffer: boolean
  readonly isCurrent: boolean
}

/** As many plans as are shown at once, which is more than anybody compares. */
const most = 200

/**
 * The plans that an organization may have: those on offer for the default API and for every API that it subscribes to, and those that it
 * has although they are not on offer any more. The cheapest first.
 */
export async function offeredPlans(
  records: Records,
  organizationId: string,
): Promise<readonly OfferedPlan[]> {
  const [standard, subscriptions] = await Promise.all([
    defaultApi(records),
    records.list('subscription', {
      where: [
        { field: 'organization_id', op: 'eq', value: organizationId },
        { field: 'status', op: 'in', value: [...servedStatuses, 'paused'] },
      ],
      limit: 100,
    }),
  ])
  const had = new Set(subscriptions.items.map(({ plan_id }) => plan_id))
  const apis = new Set([standard?.id, ...subscriptions.items.map(({ api_id }) => api_id ?? standard?.id)])
  const offered: OfferedPlan[] = []
  for await (const plan of records.each('plan')) {
    const apiId = plan.api_id ?? standard?.id ?? ''
    const isCurrent = had.has(plan.id)
    if (!isCurrent && !(plan.enabled && apis.has(apiId))) continue
    offered.push({ plan, apiId, isOnOffer: plan.enabled, isCurrent })
    if (offered.length === most) break
  }
  return offered.toSorted((a, b) => a.plan.price_monthly - b.plan.price_monthly)
}
