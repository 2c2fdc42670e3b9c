import { accept, type Outcome } from '#contract/outcome.ts'
import { type DurationCounts, durationBelow } from '#domain/metering/duration-steps.ts'
import type { Clock } from '#ports/clock.ts'
import type { Records } from '#ports/records.ts'
import type { UsageStore } from '#ports/usage-store.ts'
import { readQuestion, type UsageQuestion, unitMs } from './usage-question.ts'

const mostRoutes = 20

/** How long requests took, in milliseconds: half of them at most `p50`, all but one in a hundred at most `p99`. null without requests. */
export interface Latency {
  readonly requests: number
  readonly p50: number | null
  readonly p95: number | null
  readonly p99: number | null
}

/** Latency over time, and of the routes, the slowest first. */
export interface LatencyOverTime {
  readonly from: string
  readonly to: string
  readonly granularity: 'minute' | 'hour' | 'day'
  readonly totals: Latency
  readonly points: readonly (Latency & { readonly at: string })[]
  readonly routes: readonly (Latency & { readonly id: string; readonly name: string })[]
}

/** What is asked of latency; texts as they came in. */
export type LatencyQuestion = Pick<UsageQuestion, 'from' | 'to' | 'granularity' | 'apiId' | 'routeId'>

/** How long requests took, over time and by route. Refuses what usage over time refuses. */
export async function exploreLatency(
  deps: {
    readonly usageStore: Pick<UsageStore, 'durations'>
    readonly records: Records
    readonly clock: Clock
  },
  question: LatencyQuestion,
): Promise<Outcome<LatencyOverTime>> {
  const asked = readQuestion(question, deps.clock.now())
  if (!asked.ok) return asked
  const { fromMs, toMs, granularity, narrowed } = asked.value
  const query = { fromMs, toMs, granularity, ...narrowed }
  const counted = await Promise.all([
    deps.usageStore.durations({ ...query, by: 'start' }),
    deps.usageStore.durations({ ...query, by: 'route_id' }),
  ])
  const [byStart, byRoute] = counted.map(countsOf) as [Counts, Counts]
  const points = []
  for (let at = fromMs; at < toMs; at += unitMs[granularity])
    points.push({ at: new Date(at).toISOString(), ...latencyOf(byStart.get(String(at)) ?? new Map()) })
  const slowest = [...byRoute]
    .map(([id, counts]) => ({ id, ...latencyOf(counts) }))
    .sort((one, other) => (other.p95 ?? 0) - (one.p95 ?? 0) || (one.id < other.id ? -1 : 1))
    .slice(0, mostRoutes)
  const names = slowest.length === 0 ? new Map<string, string>() : await routeNames(deps.records)
  return accept({
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    granularity,
    totals: latencyOf(summed(byStart.values())),
    points,
    routes: slowest.map((route) => ({ ...route, name: names.get(route.id) ?? route.id })),
  })
}

type Counts = ReadonlyMap<string, DurationCounts>

function countsOf(rows: Awaited<ReturnType<UsageStore['durations']>>): Counts {
  const counts = new Map<string, Map<number, number>>()
  for (const { of, step, requests } of rows) {
    const steps = counts.get(of) ?? new Map<number, number>()
    counts.set(of, steps.set(step, requests))
  }
  return counts
}

function summed(many: Iterable<DurationCounts>): DurationCounts {
  const sums = new Map<number, number>()
  for (const counts of many)
    for (const [step, requests] of counts) sums.set(step, (sums.get(step) ?? 0) + requests)
  return sums
}

function latencyOf(counts: DurationCounts): Latency {
  const requests = [...counts.values()].reduce((sum, count) => sum + count, 0)
  const below = (share: number): number | null => durationBelow(counts, share) ?? null
  return { requests, p50: below(0.5), p95: below(0.95), p99: below(0.99) }
}

async function routeNames(records: Records): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>()
  for await (const { id, name } of records.each('route')) names.set(id, name)
  return names
}
