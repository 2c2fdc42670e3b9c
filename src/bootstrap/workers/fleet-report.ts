import { lasting, type MetricSet, metricText, summed } from '#adapters/metrics/metric-set.ts'
import type { CountingMetrics } from '#adapters/metrics/prometheus.ts'
import type { MetricsReport } from '#ports/metrics.ts'
import type { UpstreamStatus } from '#ports/upstream-status.ts'
import type { ThreadReport } from './messages.ts'
import type { Slot } from './slot.ts'
import { joinUpstreams } from './upstream-sum.ts'

/** How all workers are, taken together. */
export interface FleetReport extends MetricsReport {
  upstreams(): Promise<readonly UpstreamStatus[]>
  /** True when every worker answers, and all of them can record usage. */
  isWritable(): Promise<boolean>
  /** Keeps what the worker of that number has counted: it has ended. */
  retire(number: number): void
}

const usualPatienceMs = 250

/** Asks the workers when it is asked; one that does not answer in time is taken as it was when it last did. */
export function createFleetReport(
  slots: () => readonly Slot[],
  own: CountingMetrics,
  patienceMs = usualPatienceMs,
): FleetReport {
  const known = new Map<number, ThreadReport>()
  let ofEnded: Promise<MetricSet> = Promise.resolve([])

  async function ask(slot: Slot): Promise<boolean> {
    const report = await within(slot.report(), patienceMs)
    if (report !== undefined) known.set(slot.number, report)
    return report !== undefined
  }
  const askAll = (): Promise<boolean[]> => Promise.all(slots().map(ask))

  return {
    contentType: own.contentType,
    async text() {
      await askAll()
      const sets = [...known.values()].map(({ metrics }) => metrics)
      return metricText([await own.collect(), await ofEnded, ...sets])
    },
    async upstreams() {
      await askAll()
      return joinUpstreams([...known.values()].map(({ upstreams }) => upstreams))
    },
    async isWritable() {
      const answers = await askAll()
      return answers.every(Boolean) && [...known.values()].every(({ isWritable }) => isWritable)
    },
    retire(number) {
      const report = known.get(number)
      known.delete(number)
      if (report !== undefined) ofEnded = ofEnded.then((sum) => summed([sum, lasting(report.metrics)]))
    },
  }
}

function within<T>(answer: Promise<T>, timeoutMs: number): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => resolve(undefined), timeoutMs)
  return Promise.race([answer, promise]).finally(() => clearTimeout(timer))
}
