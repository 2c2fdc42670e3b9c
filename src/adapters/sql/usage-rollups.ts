import type { UsageEvent } from '#contract/usage-event.ts'
import { dayStart, hourStart, minuteStart } from '#domain/period.ts'
import type { Granularity, RollupRow } from './usage-tables.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

const buckets: readonly (readonly [Granularity, (ms: number) => number])[] = [
  ['day', dayStart],
  ['hour', hourStart],
  ['minute', minuteStart],
]

/** The rollup rows that a set of events adds, each once, in the order of their key. An answer from 400 on is an error. */
export function rollUp(events: readonly UsageEvent[]): readonly RollupRow[] {
  const rows = new Map<string, Mutable<RollupRow>>()
  for (const [granularity, startOf] of buckets) {
    for (const event of events) add(rows, granularity, startOf(event.at), event)
  }
  // One order for all writers, so that two of them never wait for each other's rows.
  return [...rows.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row)
}

function add(
  rows: Map<string, Mutable<RollupRow>>,
  granularity: Granularity,
  start: number,
  event: UsageEvent,
): void {
  const key = `${granularity}\n${start}\n${event.subscription_id}\n${event.api_key_id}\n${event.route_id}`
  let row = rows.get(key)
  if (row === undefined) {
    row = emptyRow(granularity, start, event)
    rows.set(key, row)
  }
  row.requests += 1
  row.units += event.units
  row.errors += event.status >= 400 ? 1 : 0
  row.request_bytes += event.request_bytes
  row.response_bytes += event.response_bytes
  row.duration_ms += event.duration_ms
}

function emptyRow(granularity: Granularity, start: number, event: UsageEvent): Mutable<RollupRow> {
  return {
    granularity,
    start,
    subscription_id: event.subscription_id,
    api_key_id: event.api_key_id,
    route_id: event.route_id,
    organization_id: event.organization_id,
    api_id: event.api_id,
    plan_id: event.plan_id,
    requests: 0,
    units: 0,
    errors: 0,
    request_bytes: 0,
    response_bytes: 0,
    duration_ms: 0,
  }
}
