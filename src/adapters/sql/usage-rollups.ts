import type { UsageEvent } from '#contract/usage-event.ts'
import { dayStart, hourStart, minuteStart } from '#domain/period.ts'
import { type Granularity, type RollupRow, rollupSums, type SourcedEvents } from './usage-tables.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
type Buckets = Map<number, Mutable<RollupRow>>

/**
 * The rollup rows that events add, each once, in the order of their key. A source stands in the list once. An answer from 400
 * on is an error.
 */
export function rollUp(sourced: readonly SourcedEvents[]): readonly RollupRow[] {
  const rows: RollupRow[] = []
  for (const { sourceId, events } of sourced) {
    const minutes = sumByMinute(sourceId, events)
    const hours = sumOf(minutes, 'hour', hourStart)
    rows.push(...minutes, ...hours, ...sumOf(hours, 'day', dayStart))
  }
  // One order for all writers, so that two of them never wait for each other's rows.
  return rows.sort(
    (a, b) =>
      compare(a.granularity, b.granularity) || compare(a.start, b.start) || compare(a.source_id, b.source_id),
  )
}

function sumByMinute(sourceId: number, events: readonly UsageEvent[]): readonly RollupRow[] {
  const buckets: Buckets = new Map()
  let row: Mutable<RollupRow> | undefined
  for (const event of events) {
    const start = minuteStart(event.at)
    if (row?.start !== start) row = bucket(buckets, 'minute', start, sourceId)
    row.requests += 1
    row.units += event.units
    if (event.status >= 400) row.errors += 1
    row.request_bytes += event.request_bytes
    row.response_bytes += event.response_bytes
    row.duration_ms += event.duration_ms
  }
  return [...buckets.values()]
}

function sumOf(rows: readonly RollupRow[], granularity: Granularity, startOf: (ms: number) => number) {
  const buckets: Buckets = new Map()
  for (const part of rows) {
    const row = bucket(buckets, granularity, startOf(part.start), part.source_id)
    for (const name of rollupSums) row[name] += part[name]
  }
  return [...buckets.values()]
}

function bucket(buckets: Buckets, granularity: Granularity, start: number, sourceId: number) {
  let row = buckets.get(start)
  if (row === undefined) {
    const sums = { requests: 0, units: 0, errors: 0, request_bytes: 0, response_bytes: 0, duration_ms: 0 }
    row = { granularity, start, source_id: sourceId, ...sums }
    buckets.set(start, row)
  }
  return row
}

const compare = <T extends string | number>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0)
