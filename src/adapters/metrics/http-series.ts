import type { Metrics } from '#ports/metrics.ts'
import { type Buckets, buckets, orZero, type Sample, secondBounds } from './samples.ts'

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
const mostRoutes = 2_000

interface HttpRoute {
  readonly method: string
  readonly route: string
  readonly byStatus: Map<number, number>
  readonly seconds: Buckets
}

/** Counts answers by method, route and status, and their time by method and route; past 2,000 routes the rest is `other`. */
export function httpSeries() {
  const series = new Map<string, HttpRoute>()
  const of = (givenMethod: string, givenRoute: string): HttpRoute => {
    const method = methods.has(givenMethod) ? givenMethod : 'other'
    const asked = series.get(`${method} ${givenRoute}`)
    if (asked !== undefined) return asked
    const route = series.size < mostRoutes ? givenRoute : 'other'
    const name = `${method} ${route}`
    const made = series.get(name) ?? { method, route, byStatus: new Map(), seconds: buckets(secondBounds) }
    series.set(name, made)
    return made
  }
  return {
    observe(sample: Parameters<Metrics['http']>[0]): void {
      const entry = of(sample.method, sample.route)
      entry.byStatus.set(sample.status, (entry.byStatus.get(sample.status) ?? 0) + 1)
      entry.seconds.observe(sample.seconds)
    },
    counts: (): Sample[] =>
      orZero(
        [...series.values()].flatMap(({ method, route, byStatus }) =>
          [...byStatus].map(([status, value]) => ({ labels: { method, route, status }, value })),
        ),
      ),
    durations: (): Sample[] =>
      [...series.values()].flatMap(({ method, route, seconds }) =>
        seconds.samples('http_request_duration_seconds', { method, route }),
      ),
  }
}
