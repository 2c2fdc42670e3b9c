import type { Rows } from '#contract/rows.gen.ts'
import type { Condition, Records } from '#ports/records.ts'
import type { WatchedUse } from './alert-progress.ts'

/** The cap of an organization on a route, in the currency of a plan that the route is used under. */
export type WatchedRouteCap = WatchedUse & Pick<Rows['route_cap'], 'organization_id' | 'cap'>

/** The caps on routes as uses to be watched: of one organization, or of all. */
export async function* watchedRouteCaps(
  records: Records,
  where: readonly Condition[] = [],
): AsyncIterable<WatchedRouteCap> {
  for await (const { id, organization_id, route_id, cap } of records.each('route_cap', where)) {
    const currency = await currencyOn(records, organization_id, route_id)
    const watched = { id, api_key_id: null, route_id, measure: 'spend', currency, amount: cap } as const
    yield { ...watched, organization_id, cap }
  }
}

async function currencyOn(records: Records, organizationId: string, routeId: string): Promise<string> {
  const route = await records.get('route', routeId)
  const { items } = await records.list('subscription', {
    where: [
      { field: 'organization_id', op: 'eq', value: organizationId },
      { field: 'api_id', op: 'eq', value: route?.api_id ?? null },
    ],
    sort: { field: 'created_at', descending: true },
    limit: 1,
  })
  const plan = items[0] === undefined ? undefined : await records.get('plan', items[0].plan_id)
  return plan?.currency ?? 'USD'
}
