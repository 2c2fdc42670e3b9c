import { AggregatorRegistry, type MetricObjectWithValues, type MetricValue } from 'prom-client'

/** What one thread has counted, in a form that can be sent to another. */
export type MetricSet = readonly MetricObjectWithValues<MetricValue<string>>[]

/** What a thread that has ended leaves behind: its counts stay, because a counter never falls; how it was is over. */
export const lasting = (set: MetricSet): MetricSet => set.filter(({ type }) => String(type) !== 'gauge')

/** Several sets as one, series by series, each in the way its metric names. */
export async function summed(sets: readonly MetricSet[]): Promise<MetricSet> {
  return AggregatorRegistry.aggregate(sets.map((set) => [...set])).getMetricsAsJSON()
}

/** A set in the Prometheus text format. */
export const metricText = (sets: readonly MetricSet[]): Promise<string> =>
  AggregatorRegistry.aggregate(sets.map((set) => [...set])).metrics()
