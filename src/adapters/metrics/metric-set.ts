import { AggregatorRegistry, type MetricObjectWithValues, type MetricValue } from 'prom-client'

/** What one thread has counted, in a form that can be sent to another. */
export type MetricSet = readonly MetricObjectWithValues<MetricValue<string>>[]

/** What a thread that has ended leaves behind: its counts stay, because a counter never falls; how it was is over. */
export const lasting = (set: MetricSet): MetricSet => set.filter(({ type }) => String(type) !== 'gauge')

/** Several sets as one, series by series, each in the way its metric names. */
export async function summed(sets: readonly MetricSet[]): Promise<MetricSet> {
  return AggregatorRegistry.aggregate(sets.map((set) => [...set])).getMetricsAsJSON()
}

/** Several sets, added up, in the Prometheus text format. */
export function metricText(sets: readonly MetricSet[]): Promise<string> {
  const labelled = new Set(sets.flat().flatMap(({ name, values }) => (values.some(hasLabels) ? [name] : [])))
  // The 0 of who has counted nothing yet says nothing beside the series of who has.
  const telling = sets.map((set) =>
    set.map((metric) =>
      labelled.has(metric.name) ? { ...metric, values: metric.values.filter(hasLabels) } : metric,
    ),
  )
  return AggregatorRegistry.aggregate(telling).metrics()
}

const hasLabels = ({ labels, value }: MetricValue<string>): boolean =>
  value !== 0 || Object.keys(labels).length > 0
