import { CompiledQuery, type Kysely } from 'kysely'
import type { UsageEvent } from '#contract/usage-event.ts'
import { durationStep } from '#domain/metering/duration-steps.ts'
import { dayStart, hourStart, minuteStart } from '#domain/period.ts'
import type { UsageStore } from '#ports/usage-store.ts'
import { isShared } from './kind.ts'
import type { DurationRow, Granularity, SourcedEvents, UsageTables } from './usage-tables.ts'

type DurationsQuery = Parameters<UsageStore['durations']>[0]

const key = ['granularity', 'start', 'api_id', 'route_id', 'step'] as const
const columns = [...key, 'requests'] as const
/** Few enough for the number of parameters that every database takes. */
const rowsAtOnce = 100
const insert = `insert into usage_durations (${columns.map((name) => `"${name}"`).join(', ')})`
const onKnown = `on conflict (${key.map((name) => `"${name}"`).join(', ')}) do update
  set requests = usage_durations.requests + excluded.requests`
const row = `(${columns.map(() => '?').join(', ')})`
const addRows = (count: number): string => `${insert} values ${Array(count).fill(row).join(', ')} ${onKnown}`
/** On PostgreSQL each column is one list: one text whatever the number of rows. */
const types = ['text', 'bigint', 'text', 'text', 'integer', 'bigint']
const addLists = `${insert} select * from unnest(${types.map((type, at) => `$${at + 1}::${type}[]`).join(', ')}) ${onKnown}`
const mostSteps = 64
const starts: readonly (readonly [Granularity, (ms: number) => number])[] = [
  ['minute', minuteStart],
  ['hour', hourStart],
  ['day', dayStart],
]

/** Counts how long requests took, in the transaction that stores them. */
export async function addDurations(
  transaction: Kysely<UsageTables>,
  stored: readonly SourcedEvents[],
): Promise<void> {
  const rows = durationRows(stored)
  const shared = isShared(transaction)
  for (let start = 0; start < rows.length; start += rowsAtOnce) {
    const part = rows.slice(start, start + rowsAtOnce)
    const [text, parameters] = shared
      ? [addLists, columns.map((column) => part.map((row) => row[column]))]
      : [addRows(part.length), part.flatMap((row) => columns.map((column) => row[column]))]
    await transaction.executeQuery(CompiledQuery.raw(text, parameters))
  }
}

/** The rows that events add, each once, in the order of their key: two writers never wait for each other's rows. */
function durationRows(stored: readonly SourcedEvents[]): readonly DurationRow[] {
  const rows = new Map<string, DurationRow>()
  for (const { events } of stored) {
    const [first] = events
    if (first === undefined) continue
    // Events of a source share their route: numbers tell them apart until they are summed.
    for (const [minuteAndStep, requests] of countByMinute(events)) {
      const step = minuteAndStep % mostSteps
      const minute = (minuteAndStep - step) / mostSteps
      for (const [granularity, startOf] of starts) {
        const { api_id, route_id } = first
        const start = startOf(minute)
        const name = `${granularity} ${start} ${api_id} ${route_id} ${step}`
        const before = rows.get(name)?.requests ?? 0
        rows.set(name, { granularity, start, api_id, route_id, step, requests: before + requests })
      }
    }
  }
  return [...rows].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, row]) => row)
}

function countByMinute(events: readonly UsageEvent[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>()
  for (const { at, duration_ms } of events) {
    const minuteAndStep = minuteStart(at) * mostSteps + durationStep(duration_ms)
    counts.set(minuteAndStep, (counts.get(minuteAndStep) ?? 0) + 1)
  }
  return counts
}

/** How many requests of [fromMs, toMs) took how long, for each bucket of time or each route. */
export async function readDurations(db: Kysely<UsageTables>, query: DurationsQuery) {
  let select = db
    .selectFrom('usage_durations')
    .select((eb) => [query.by, 'step', eb.fn.sum('requests').as('requests')])
    .where('granularity', '=', query.granularity)
    .where('start', '>=', query.fromMs)
    .where('start', '<', query.toMs)
    .groupBy([query.by, 'step'])
  if (query.apiId !== undefined) select = select.where('api_id', '=', query.apiId)
  if (query.routeId !== undefined) select = select.where('route_id', '=', query.routeId)
  const rows = await select.execute()
  return rows.map((row) => ({
    of: String(row[query.by]),
    step: Number(row.step),
    requests: Number(row.requests),
  }))
}

/** Forgets the minutes before a moment: hours and days stay. */
export async function forgetMinutes(db: Kysely<UsageTables>, beforeMs: number): Promise<void> {
  await db
    .deleteFrom('usage_durations')
    .where('granularity', '=', 'minute')
    .where('start', '<', beforeMs)
    .execute()
}
