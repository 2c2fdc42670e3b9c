import type { DomainEvent } from '#contract/events.ts'
import type { OrganizationRow, Rows } from '#contract/rows.gen.ts'
import { isSlowKeyHash } from '#domain/key.ts'
import type { ShardedMap } from '#domain/sharded-map.ts'
import { withoutSlowKey, withSlowKey } from '#domain/slow-keys.ts'
import type { Records } from '#ports/records.ts'
import type { Snapshot, SubscriptionEntry } from '#ports/snapshot.ts'
import {
  isServable,
  loadRoutes,
  loadSettings,
  routeCap,
  type SnapshotSource,
  subscriptionSlot,
} from './load-snapshot.ts'
import { refreshCredit } from './refresh-credit.ts'
import {
  keyEntry,
  noRouteCaps,
  organizationEntry,
  planEntry,
  subscriptionEntry,
  userEntry,
  versionedPlanEntry,
} from './snapshot-entries.ts'

/** Makes the next snapshot from one changed record, which it reads again: applying a change twice does no harm. */
type Refresh = (snapshot: Snapshot, source: SnapshotSource, id: string) => Promise<Partial<Snapshot>>

const routes: Refresh = async (_snapshot, source) => ({ routes: await loadRoutes(source) })

const refreshes: Readonly<Record<string, Refresh>> = {
  api: routes,
  api_key: refreshKey,
  organization: async ({ organizations }, { records }, id) => {
    const row = await records.get('organization', id)
    const subscriptionIds = row === undefined || row.spend_cap === null ? [] : await subscribed(records, id)
    const kept = organizations.get(id) ?? { routeCaps: noRouteCaps, credit: null }
    const entryOf = (found: OrganizationRow) => organizationEntry(found, subscriptionIds, kept)
    return { organizations: replaced(organizations, id, row, entryOf) }
  },
  plan: refreshPlan,
  price_version: async ({ plans }, { records }, id) => {
    const version = await records.get('price_version', id)
    const plan = version === undefined ? undefined : await records.get('plan', version.plan_id)
    if (version === undefined || plan === undefined) return { plans: plans.without(id) }
    return { plans: plans.with(id, versionedPlanEntry(plan, version)) }
  },
  route: routes,
  route_cap: refreshRouteCap,
  setting: async (_snapshot, { records }) => ({ settings: await loadSettings(records) }),
  subscription: refreshSubscription,
  upstream: routes,
  user: async ({ users }, { records }, id) => ({
    users: replaced(users, id, await records.get('user', id), userEntry),
  }),
}

/** The snapshot after some committed events; the same object when none of them concerns the gateway. */
export async function refreshSnapshot(
  snapshot: Snapshot,
  source: SnapshotSource,
  events: readonly DomainEvent[],
): Promise<Snapshot> {
  const changed = new Map(events.map((event) => [`${event.module}|${event.record_id}`, event]))
  let next = snapshot
  let areRoutesFresh = false
  for (const { module, record_id: id } of changed.values()) {
    const refresh = refreshes[module]
    if (refresh === undefined || (refresh === routes && areRoutesFresh)) continue
    if (refresh === routes) areRoutesFresh = true
    next = { ...next, ...(await refresh(next, source, id)) }
  }
  const organizations = await refreshCredit(next, source.records, [...changed.values()])
  if (organizations !== next.organizations) next = { ...next, organizations }
  return next === snapshot ? snapshot : { ...next, version: snapshot.version + 1 }
}

function replaced<R extends Rows[keyof Rows], Entry>(
  map: ShardedMap<Entry>,
  key: string,
  row: R | undefined,
  entryOf: (row: R) => Entry,
): ShardedMap<Entry> {
  return row === undefined ? map.without(key) : map.with(key, entryOf(row))
}

/** All subscriptions that an organization ever had. */
async function subscribed(records: Records, organizationId: string): Promise<readonly string[]> {
  const ids: string[] = []
  let cursor: string | undefined
  do {
    const page = await records.list('subscription', {
      where: [{ field: 'organization_id', op: 'eq', value: organizationId }],
      limit: 100,
      ...(cursor === undefined ? {} : { cursor }),
    })
    ids.push(...page.items.map(({ id }) => id))
    cursor = page.nextCursor
  } while (cursor !== undefined)
  return ids
}

async function refreshPlan(
  { plans }: Snapshot,
  { records }: SnapshotSource,
  id: string,
): Promise<Partial<Snapshot>> {
  const plan = await records.get('plan', id)
  if (plan === undefined) return { plans: plans.without(id) }
  let next = plans.with(id, planEntry(plan))
  for await (const version of records.each('price_version', [{ field: 'plan_id', op: 'eq', value: id }]))
    next = next.with(version.id, versionedPlanEntry(plan, version))
  return { plans: next }
}

async function refreshKey(
  { keys, slowKeys }: Snapshot,
  { records }: SnapshotSource,
  id: string,
): Promise<Partial<Snapshot>> {
  const row = await records.get('api_key', id)
  if (row === undefined) return withoutKey(keys, slowKeys, id)
  const hash = row.hash ?? id
  const prefix = row.prefix ?? ''
  const next = { keys: keys.with(hash, keyEntry(row)), slowKeys }
  // A key that has a new hash is no longer found by the one before.
  for (const old of slowKeys.byPrefix.get(prefix) ?? []) {
    if (old === hash || keys.get(old)?.id !== id) continue
    next.keys = next.keys.without(old)
    next.slowKeys = withoutSlowKey(next.slowKeys, prefix, old)
  }
  if (row.hash !== null && isSlowKeyHash(hash)) next.slowKeys = withSlowKey(next.slowKeys, prefix, hash)
  return next
}

/** The hash of a deleted key is gone with its row, so the entry is found by its id. */
function withoutKey(keys: Snapshot['keys'], slowKeys: Snapshot['slowKeys'], id: string): Partial<Snapshot> {
  const next = { keys, slowKeys }
  for (const [hash, entry] of keys.entries()) {
    if (entry.id !== id) continue
    next.keys = next.keys.without(hash)
    if (!isSlowKeyHash(hash)) continue
    for (const [prefix, hashes] of slowKeys.byPrefix.entries())
      if (hashes.includes(hash)) next.slowKeys = withoutSlowKey(next.slowKeys, prefix, hash)
  }
  return next
}

async function refreshSubscription(
  { subscriptions, subscriptionIds, organizations }: Snapshot,
  { records }: SnapshotSource,
  id: string,
): Promise<Partial<Snapshot>> {
  const row = await records.get('subscription', id)
  const before = subscriptions.get(id)
  let ids = subscriptionIds
  if (before !== undefined && ids.get(subscriptionSlot(before)) === id)
    ids = ids.without(subscriptionSlot(before))
  if (row === undefined) return { subscriptions: subscriptions.without(id), subscriptionIds: ids }
  const entry = subscriptionEntry(row)
  if (isServable(entry)) ids = ids.with(subscriptionSlot(entry), id)
  return {
    subscriptions: subscriptions.with(id, entry),
    subscriptionIds: ids,
    organizations: withSubscription(organizations, entry),
  }
}

async function refreshRouteCap(
  { organizations }: Snapshot,
  { records }: SnapshotSource,
  id: string,
): Promise<Partial<Snapshot>> {
  const row = await records.get('route_cap', id)
  // The organization of a deleted one is gone with its row, so the entry is found by its id.
  const owner = row?.organization_id ?? ownerOfCap(organizations, id)
  const known = owner === undefined ? undefined : organizations.get(owner)
  if (owner === undefined || known === undefined) return {}
  const kept = [...known.routeCaps].filter(([, entry]) => entry.id !== id)
  const routeCaps = new Map(row === undefined ? kept : [...kept, routeCap(row)])
  return { organizations: organizations.with(owner, { ...known, routeCaps }) }
}

function ownerOfCap(organizations: Snapshot['organizations'], id: string): string | undefined {
  for (const [organizationId, { routeCaps }] of organizations.entries())
    for (const entry of routeCaps.values()) if (entry.id === id) return organizationId
  return undefined
}

/** What a capped organization subscribes to anew is paid from its budget too. */
function withSubscription(
  organizations: Snapshot['organizations'],
  { id, organizationId }: SubscriptionEntry,
): Snapshot['organizations'] {
  const known = organizations.get(organizationId)
  if (known === undefined || known.spendCap === null || known.subscriptionIds.includes(id))
    return organizations
  return organizations.with(organizationId, { ...known, subscriptionIds: [...known.subscriptionIds, id] })
}
