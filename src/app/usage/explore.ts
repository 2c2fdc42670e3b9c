import { accept, type Outcome } from '#contract/outcome.ts'
import type { Clock } from '#ports/clock.ts'
import type { Records } from '#ports/records.ts'
import type { UsageStore, UsageTotals } from '#ports/usage-store.ts'
import {
  type AskedUsage,
  type Grouping,
  groupings,
  readQuestion,
  type UsageQuestion,
  unitMs,
} from './usage-question.ts'

const mostGroups = 20

/** Sums over one stretch of time. */
export interface UsagePoint extends UsageTotals {
  /** ISO 8601, UTC. */
  readonly at: string
}

/** The usage of one key, route, API or organization, or of all of them; a stretch without use is there with zeros. */
export interface UsageSeries {
  /** null for everything together, and for what is past the busiest 20. */
  readonly id: string | null
  readonly name: string
  readonly totals: UsageTotals
  readonly points: readonly UsagePoint[]
}

/** Usage over time, the busiest series first. */
export interface UsageOverTime {
  readonly from: string
  readonly to: string
  readonly granularity: 'minute' | 'hour' | 'day'
  readonly group_by: string | null
  readonly totals: UsageTotals
  readonly series: readonly UsageSeries[]
}

interface Dependencies {
  readonly usageStore: Pick<UsageStore, 'totals'>
  readonly records: Records
  readonly clock: Clock
}

/** Usage over time from the rollups. Refuses times that are none, and more than 1,500 stretches at once. */
export async function exploreUsage(
  { usageStore, records, clock }: Dependencies,
  question: UsageQuestion,
): Promise<Outcome<UsageOverTime>> {
  const asked = readQuestion(question, clock.now())
  if (!asked.ok) return asked
  const { fromMs, toMs, granularity, groupBy, narrowed } = asked.value
  const column = groupBy === undefined ? undefined : groupings[groupBy]
  const rows = await usageStore.totals({
    fromMs,
    toMs,
    granularity,
    groupBy: column === undefined ? ['start'] : ['start', column],
    ...narrowed,
  })
  const groups = new Map<string, Map<number, UsageTotals>>()
  for (const row of rows) {
    const id = column === undefined ? '' : (row[column] ?? '')
    const points = groups.get(id) ?? new Map<number, UsageTotals>()
    points.set(Date.parse(row.start ?? ''), row)
    groups.set(id, points)
  }
  if (column === undefined && groups.size === 0) groups.set('', new Map())
  const names = groupBy === undefined ? undefined : await namesOf(records, groupBy, narrowed.organizationId)
  const series = [...groups].map(([id, points]) => ({
    id: id === '' ? null : id,
    name: names?.get(id) ?? (id === '' ? 'all' : id),
    ...filled(points, asked.value),
  }))
  series.sort((a, b) => b.totals.requests - a.totals.requests || (a.name < b.name ? -1 : 1))
  return accept({
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    granularity,
    group_by: groupBy ?? null,
    totals: sumOf(series.map(({ totals }) => totals)),
    series: bounded(series),
  })
}

/** Every stretch of the time, with zeros where nothing happened. */
function filled(points: ReadonlyMap<number, UsageTotals>, { fromMs, toMs, granularity }: AskedUsage) {
  const all: UsagePoint[] = []
  for (let at = fromMs; at < toMs; at += unitMs[granularity])
    all.push({ at: new Date(at).toISOString(), ...plain(points.get(at)) })
  return { totals: sumOf([...points.values()]), points: all }
}

/** The busiest ones, and one series of all others together. */
function bounded(series: readonly UsageSeries[]): readonly UsageSeries[] {
  if (series.length <= mostGroups) return series
  const others = series.slice(mostGroups)
  const points = (others[0]?.points ?? []).map(({ at }, index) => ({
    at,
    ...sumOf(others.map((one) => one.points[index]).filter((point) => point !== undefined)),
  }))
  const rest = {
    id: null,
    name: `${others.length} others`,
    totals: sumOf(others.map(({ totals }) => totals)),
    points,
  }
  return [...series.slice(0, mostGroups), rest]
}

const none: UsageTotals = {
  requests: 0,
  units: 0,
  errors: 0,
  request_bytes: 0,
  response_bytes: 0,
  duration_ms: 0,
}

function plain(totals: UsageTotals = none): UsageTotals {
  const { requests, units, errors, request_bytes, response_bytes, duration_ms } = totals
  return { requests, units, errors, request_bytes, response_bytes, duration_ms }
}

function sumOf(many: readonly UsageTotals[]): UsageTotals {
  return many.reduce<UsageTotals>(
    (sum, one) => ({
      requests: sum.requests + one.requests,
      units: sum.units + one.units,
      errors: sum.errors + one.errors,
      request_bytes: sum.request_bytes + one.request_bytes,
      response_bytes: sum.response_bytes + one.response_bytes,
      duration_ms: sum.duration_ms + one.duration_ms,
    }),
    none,
  )
}

/** What the groups are called; those that are gone keep their ids. */
async function namesOf(
  records: Records,
  groupBy: Grouping,
  organizationId: string | undefined,
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>()
  const own =
    organizationId === undefined
      ? []
      : [{ field: 'organization_id', op: 'eq', value: organizationId } as const]
  if (groupBy === 'key')
    for await (const { id, name, prefix } of records.each('api_key', own))
      names.set(id, name || (prefix ?? id))
  if (groupBy === 'route') for await (const { id, name } of records.each('route')) names.set(id, name)
  if (groupBy === 'api') for await (const { id, name } of records.each('api')) names.set(id, name)
  if (groupBy === 'organization' && organizationId === undefined)
    for await (const { id, name } of records.each('organization')) names.set(id, name)
  return names
}
