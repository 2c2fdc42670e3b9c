import type { PlanRow, RouteCapRow } from '#contract/rows.gen.ts'
import { isSlowKeyHash } from '#domain/key.ts'
import { routeTable } from '#domain/route/table.ts'
import { type ShardedMap, shardedMap } from '#domain/sharded-map.ts'
import { noSlowKeys, withSlowKey } from '#domain/slow-keys.ts'
import { servedStatuses } from '#domain/subscription-standing.ts'
import type { Records } from '#ports/records.ts'
import type { PlanEntry, RouteCapEntry, Snapshot, SubscriptionEntry } from '#ports/snapshot.ts'
import { type CreditAccounts, readCreditAccounts } from '../billing/credit-account.ts'
import { gatewaySettings } from '../settings/gateway-settings.ts'
import {
  keyEntry,
  noRouteCaps,
  organizationEntry,
  planEntry,
  type RouteCompilers,
  routeRule,
  subscriptionEntry,
  upstreamEntry,
  userEntry,
  versionedPlanEntry,
} from './snapshot-entries.ts'

/** Where a snapshot comes from. */
export interface SnapshotSource extends RouteCompilers {
  readonly records: Records
}

/** Reads everything that the gateway needs, once at the start. */
export async function loadSnapshot(source: SnapshotSource): Promise<Snapshot> {
  const { records } = source
  const subscriptions = await collect(records.each('subscription'), (row) => [row.id, subscriptionEntry(row)])
  const subscribed = new Map<string, string[]>()
  for (const { id, organizationId } of subscriptions.values()) {
    const known = subscribed.get(organizationId)
    if (known === undefined) subscribed.set(organizationId, [id])
    else known.push(id)
  }
  const capped = new Map<string, Map<string, RouteCapEntry>>()
  for await (const row of records.each('route_cap')) {
    const known = capped.get(row.organization_id)
    if (known === undefined) capped.set(row.organization_id, new Map([routeCap(row)]))
    else known.set(...routeCap(row))
  }
  let slowKeys = noSlowKeys
  const keys = await collect(records.each('api_key'), (row) => {
    if (row.hash !== null && isSlowKeyHash(row.hash))
      slowKeys = withSlowKey(slowKeys, row.prefix ?? '', row.hash)
    return [row.hash ?? row.id, keyEntry(row)]
  })
  const plans = await loadPlans(records)
  const credits = await loadCredit(records, subscriptions, plans)
  return {
    version: 1,
    routes: await loadRoutes(source),
    keys,
    slowKeys,
    organizations: await collect(records.each('organization'), (row) => [
      row.id,
      organizationEntry(row, subscribed.get(row.id) ?? [], {
        routeCaps: capped.get(row.id) ?? noRouteCaps,
        credit: credits.get(row.id) ?? null,
      }),
    ]),
    users: await collect(records.each('user'), (row) => [row.id, userEntry(row)]),
    subscriptions,
    subscriptionIds: shardedMap(
      [...subscriptions.values()].filter(isServable).map((entry) => [subscriptionSlot(entry), entry.id]),
    ),
    plans,
    settings: await loadSettings(records),
  }
}

/** Of those who have a prepaid plan. */
async function loadCredit(
  records: Records,
  subscriptions: Snapshot['subscriptions'],
  plans: Snapshot['plans'],
): Promise<ReadonlyMap<string, CreditAccounts | null>> {
  const owners = new Set<string>()
  for (const entry of subscriptions.values()) if (isPrepaid(plans, entry)) owners.add(entry.organizationId)
  const credits = new Map<string, CreditAccounts | null>()
  for (const id of owners) credits.set(id, await readCreditAccounts(records, id))
  return credits
}

/** True for a subscription that may be prepaid: what was sold is not known yet where it was made a moment ago. */
export function isPrepaid(
  plans: Snapshot['plans'],
  { planId, priceVersionId }: Pick<SubscriptionEntry, 'planId' | 'priceVersionId'>,
): boolean {
  return plans.get(priceVersionId ?? planId)?.isPrepaid !== false
}

async function loadPlans(records: Records): Promise<Snapshot['plans']> {
  const rows = new Map<string, PlanRow>()
  for await (const row of records.each('plan')) rows.set(row.id, row)
  const entries = [...rows.values()].map((row): [string, PlanEntry] => [row.id, planEntry(row)])
  for await (const version of records.each('price_version')) {
    const plan = rows.get(version.plan_id)
    if (plan !== undefined) entries.push([version.id, versionedPlanEntry(plan, version)])
  }
  return shardedMap(entries)
}

/** The route table from the stored routes and upstreams. */
export async function loadRoutes({ records, ...compilers }: SnapshotSource): Promise<Snapshot['routes']> {
  const upstreams = new Map<string, ReturnType<typeof upstreamEntry>>()
  const disabled = new Set<string>()
  for await (const row of records.each('upstream')) {
    upstreams.set(row.id, upstreamEntry(row))
    if (!row.enabled) disabled.add(row.id)
  }
  const suspended = new Set<string>()
  for await (const row of records.each('api')) if (row.status !== 'active') suspended.add(row.id)
  const rules = []
  for await (const row of records.each('route')) {
    const isServed = !suspended.has(row.api_id ?? '') && !disabled.has(row.upstream_id)
    const rule = routeRule(row, upstreams.get(row.upstream_id), isServed, compilers)
    if (rule !== undefined) rules.push(rule)
  }
  return routeTable(rules)
}

/** The settings that the request path asks. */
export async function loadSettings(records: Records): Promise<Snapshot['settings']> {
  const values = new Map<string, string>()
  for await (const row of records.each('setting')) values.set(row.key, row.value)
  return gatewaySettings(values)
}

/** A stored cap on a route, by its route. */
export const routeCap = ({ id, route_id, cap }: RouteCapRow): readonly [string, RouteCapEntry] => [
  route_id,
  { id, cap },
]

/** Where a subscription is looked up by the organization and API of a request. */
export const subscriptionSlot = (entry: SubscriptionEntry): string => `${entry.organizationId}|${entry.apiId}`

/** True for the one subscription of an organization and API that may be served. */
export const isServable = (entry: SubscriptionEntry): boolean => servedStatuses.includes(entry.status)

async function collect<Row, Entry>(
  rows: AsyncIterable<Row>,
  entryOf: (row: Row) => readonly [string, Entry],
): Promise<ShardedMap<Entry>> {
  const entries: (readonly [string, Entry])[] = []
  for await (const row of rows) entries.push(entryOf(row))
  return shardedMap(entries)
}
