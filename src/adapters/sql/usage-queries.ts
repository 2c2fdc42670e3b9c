import { type Kysely, sql } from 'kysely'
import type { UsageEvent } from '#contract/usage-event.ts'
import type { UsageGroup, UsageStore, UsageTotals } from '#ports/usage-store.ts'
import {
  eventColumns,
  rollupSums,
  type StoredEvent,
  type UsageSource,
  type UsageTables,
} from './usage-tables.ts'

type EventQuery = Parameters<UsageStore['events']>[0]
type TotalsQuery = Parameters<UsageStore['totals']>[0]

/** Sources that one statement reads from: databases limit how many parts a statement has. */
const maxParts = 100
const hourMs = 3_600_000

/** The events that a query asks for, by time and id. */
export async function readEvents(db: Kysely<UsageTables>, query: EventQuery): Promise<readonly UsageEvent[]> {
  let select = db.selectFrom('usage_sources').selectAll()
  if (query.organizationId !== undefined) select = select.where('organization_id', '=', query.organizationId)
  if (query.subscriptionId !== undefined) select = select.where('subscription_id', '=', query.subscriptionId)
  const sources = await select.execute()
  const events: UsageEvent[] = []
  for (let start = 0; start < sources.length; start += maxParts) {
    const part = new Map(
      sources.slice(start, start + maxParts).map((source) => [Number(source.id), source] as const),
    )
    const rows = await readRows(db, [...part.keys()], query)
    for (const row of rows) events.push(eventOf(row, part.get(Number(row.source_id)) as UsageSource))
  }
  if (sources.length > maxParts) events.sort(byTimeAndId)
  return events.slice(0, query.limit)
}

// Each source lies in the order of time: a union of ordered parts is merged as it is read, and stops at the limit.
function readRows(db: Kysely<UsageTables>, sourceIds: readonly number[], query: EventQuery) {
  const { after, fromMs, toMs, limit } = query
  const parts = sourceIds.map((sourceId) => {
    const part = db
      .selectFrom('usage_events')
      .select(eventColumns)
      .where('source_id', '=', sourceId)
      .where('at', '>=', fromMs)
      .where('at', '<', toMs)
    if (after === undefined) return part
    return part.where((eb) => eb(eb.refTuple('at', 'id'), '>', eb.tuple(after.at, after.id)))
  })
  return parts
    .reduce((union, part) => union.unionAll(part))
    .orderBy('at')
    .orderBy('id')
    .limit(limit)
    .execute()
}

function eventOf(row: StoredEvent, source: UsageSource): UsageEvent {
  return {
    id: row.id,
    at: Number(row.at),
    request_id: row.request_id ?? row.id,
    organization_id: source.organization_id,
    api_id: source.api_id,
    subscription_id: source.subscription_id,
    plan_id: source.plan_id,
    api_key_id: source.api_key_id,
    route_id: source.route_id,
    method: row.method,
    path: row.path,
    status: Number(row.status),
    units: Number(row.units),
    request_bytes: Number(row.request_bytes),
    response_bytes: Number(row.response_bytes),
    duration_ms: Number(row.duration_ms),
  }
}

const byTimeAndId = (a: UsageEvent, b: UsageEvent): number =>
  a.at - b.at || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)

const rollups = (db: Kysely<UsageTables>) =>
  db.selectFrom('usage_rollups').innerJoin('usage_sources', 'usage_sources.id', 'usage_rollups.source_id')

/** Units per subscription from the day rollups of [fromMs, toMs). */
export async function readUnits(db: Kysely<UsageTables>, fromMs: number, toMs: number) {
  const rows = await rollups(db)
    .select((eb) => ['subscription_id', eb.fn.sum('units').as('units')])
    .where('granularity', '=', 'day')
    .where('start', '>=', fromMs)
    .where('start', '<', toMs)
    .groupBy('subscription_id')
    .execute()
  return new Map(rows.map((row) => [row.subscription_id, Number(row.units)]))
}

/** Units of a subscription between two moments: whole hours from the rollups, the edges from the events. */
export async function readUnitsOf(
  db: Kysely<UsageTables>,
  subscriptionId: string,
  fromMs: number,
  toMs: number,
): Promise<number> {
  const sources = await db
    .selectFrom('usage_sources')
    .select('id')
    .where('subscription_id', '=', subscriptionId)
    .execute()
  const ids = sources.map(({ id }) => Number(id))
  if (ids.length === 0 || fromMs >= toMs) return 0
  const firstHour = Math.ceil(fromMs / hourMs) * hourMs
  const lastHour = Math.floor(toMs / hourMs) * hourMs
  if (firstHour >= lastHour) return eventUnits(db, ids, fromMs, toMs)
  const hours = await rollups(db)
    .select((eb) => eb.fn.coalesce(eb.fn.sum('units'), sql.lit(0)).as('units'))
    .where('granularity', '=', 'hour')
    .where('start', '>=', firstHour)
    .where('start', '<', lastHour)
    .where('subscription_id', '=', subscriptionId)
    .executeTakeFirstOrThrow()
  const edges = await Promise.all([
    eventUnits(db, ids, fromMs, firstHour),
    eventUnits(db, ids, lastHour, toMs),
  ])
  return edges[0] + Number(hours.units) + edges[1]
}

async function eventUnits(
  db: Kysely<UsageTables>,
  sourceIds: readonly number[],
  fromMs: number,
  toMs: number,
): Promise<number> {
  let units = 0
  for (let start = 0; start < sourceIds.length && fromMs < toMs; start += maxParts) {
    const sum = await db
      .selectFrom('usage_events')
      .select((eb) => eb.fn.coalesce(eb.fn.sum('units'), sql.lit(0)).as('units'))
      .where('source_id', 'in', sourceIds.slice(start, start + maxParts))
      .where('at', '>=', fromMs)
      .where('at', '<', toMs)
      .executeTakeFirstOrThrow()
    units += Number(sum.units)
  }
  return units
}

/** Totals from the rollups of [fromMs, toMs), grouped. */
export async function readTotals(db: Kysely<UsageTables>, query: TotalsQuery) {
  let select = rollups(db)
    .select((eb) => rollupSums.map((name) => eb.fn.coalesce(eb.fn.sum(name), sql.lit(0)).as(name)))
    .where('granularity', '=', query.granularity)
    .where('start', '>=', query.fromMs)
    .where('start', '<', query.toMs)
  for (const name of query.groupBy) select = select.select(name).groupBy(name).orderBy(name)
  if (query.organizationId !== undefined) select = select.where('organization_id', '=', query.organizationId)
  if (query.subscriptionId !== undefined) select = select.where('subscription_id', '=', query.subscriptionId)
  if (query.apiId !== undefined) select = select.where('api_id', '=', query.apiId)
  if (query.routeId !== undefined) select = select.where('route_id', '=', query.routeId)
  if (query.keyId !== undefined) select = select.where('api_key_id', '=', query.keyId)
  const rows = await select.execute()
  return rows.map((row) => totalsOf(row, query.groupBy))
}

function totalsOf(row: Readonly<Record<string, unknown>>, groupBy: readonly UsageGroup[]) {
  const sums = Object.fromEntries(rollupSums.map((name) => [name, Number(row[name])]))
  const groups = groupBy.map((name) => [
    name,
    name === 'start' ? new Date(Number(row[name])).toISOString() : String(row[name]),
  ])
  return { ...sums, ...Object.fromEntries(groups) } as unknown as UsageTotals &
    Partial<Record<UsageGroup, string>>
}
