/** One line of a metric, as the registry of prom-client takes it. */
export interface Sample {
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
  readonly metricName?: string
}

/** Upper bounds for durations, in seconds. */
export const secondBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** The samples, or one 0 where there is none yet. */
export const orZero = (samples: Sample[]): Sample[] =>
  samples.length > 0 ? samples : [{ labels: {}, value: 0 }]

/** A counter with one bounded label, kept in plain numbers until it is asked for. */
interface LabelledCounter {
  add(value: string | number, count?: number): void
  samples(): Sample[]
}

/**
 * Counts by the value of one label. `known` values are reported from the start, as 0; past `limit` different values,
 * new ones are counted as `other`.
 */
export function labelledCounter(
  label: string,
  known: readonly (string | number)[] = [],
  limit = 100,
): LabelledCounter {
  const counts = new Map<string | number, number>(known.map((value) => [value, 0]))
  return {
    add(value, count = 1) {
      const current = counts.get(value)
      if (current !== undefined) counts.set(value, current + count)
      else if (counts.size < limit) counts.set(value, count)
      else counts.set('other', (counts.get('other') ?? 0) + count)
    },
    samples: () => [...counts].map(([value, count]) => ({ labels: { [label]: value }, value: count })),
  }
}

/** Observations in fixed buckets, cumulated only when they are asked for. */
export interface Buckets {
  observe(value: number): void
  samples(name: string, labels?: Readonly<Record<string, string | number>>): Sample[]
}

/** Makes a histogram over ascending upper bounds. */
export function buckets(bounds: readonly number[]): Buckets {
  const counts = new Float64Array(bounds.length + 1)
  let sum = 0
  return {
    observe(value) {
      let index = 0
      while (index < bounds.length && value > (bounds[index] ?? Number.POSITIVE_INFINITY)) index++
      counts[index] = (counts[index] ?? 0) + 1
      sum += value
    },
    samples(name, labels = {}) {
      let total = 0
      const lines: Sample[] = []
      for (const [index, count] of counts.entries()) {
        total += count
        lines.push({
          metricName: `${name}_bucket`,
          labels: { ...labels, le: bounds[index] ?? '+Inf' },
          value: total,
        })
      }
      lines.push({ metricName: `${name}_sum`, labels, value: sum })
      lines.push({ metricName: `${name}_count`, labels, value: total })
      return lines
    },
  }
}
