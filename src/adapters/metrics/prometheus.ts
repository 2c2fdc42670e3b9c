import { type Metric, Registry } from 'prom-client'
import type { Metrics, MetricsReport } from '#ports/metrics.ts'
import { type Buckets, buckets, labelledCounter, type Sample } from './samples.ts'

const secondBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
const mostRoutes = 2_000

type Kind = 'counter' | 'gauge' | 'histogram'

/**
 * Metrics in the Prometheus text format. Counting touches plain numbers only; the registry reads them when it is
 * scraped. Every label is bounded, none names a customer.
 */
export function createPrometheusMetrics(): Metrics & MetricsReport {
  const registry = new Registry()
  const register = (name: string, type: Kind, help: string, values: () => Sample[]): void => {
    const metric = {
      name,
      reset() {},
      get: async () => ({ name, help, type, values: values(), aggregator: 'sum' }),
    }
    registry.registerMetric(metric as unknown as Metric)
  }
  const one = (value: number): Sample[] => [{ labels: {}, value }]

  const http = httpSeries()
  register('http_requests_total', 'counter', 'Answers of the control plane', http.counts)
  register(
    'http_request_duration_seconds',
    'histogram',
    'Time to answer in the control plane',
    http.durations,
  )

  const requests = labelledCounter('status', [], 700)
  register('apigate_requests_total', 'counter', 'Requests that the gateway answered', requests.samples)

  const upstream = buckets(secondBounds)
  register('apigate_upstream_duration_seconds', 'histogram', 'Wait for the first byte of the upstream', () =>
    upstream.samples('apigate_upstream_duration_seconds'),
  )
  const authFailures = labelledCounter('reason', [
    'missing',
    'invalid',
    'expired',
    'revoked',
    'suspended',
    'operator',
  ])
  register(
    'apigate_auth_failures_total',
    'counter',
    'Requests without valid credentials',
    authFailures.samples,
  )

  const limited = labelledCounter('kind', ['rate', 'quota', 'sign_in'])
  register('apigate_rate_limited_total', 'counter', 'Requests refused by a limit', limited.samples)

  let events = 0
  register('apigate_usage_events_total', 'counter', 'Usage events that became durable', () => one(events))
  let lag = 0
  register('apigate_journal_lag_seconds', 'gauge', 'Age of the oldest event not in the usage table', () =>
    one(lag),
  )

  const deliveries = labelledCounter('outcome', ['delivered', 'failed'])
  register('webhook_deliveries_total', 'counter', 'Webhook deliveries', deliveries.samples)
  const attempts = labelledCounter('provider')
  register('payment_attempts_total', 'counter', 'Payments that were tried', () => orZero(attempts.samples()))
  const failures = labelledCounter('provider')
  register('payment_failures_total', 'counter', 'Payments that failed', () => orZero(failures.samples()))
  let registrations = 0
  register('user_registrations_total', 'counter', 'Accounts that were opened', () => one(registrations))
  let imbalance = 0
  register('ledger_imbalance', 'gauge', 'Minor units the ledger is out of balance by', () => one(imbalance))

  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    gatewayRequest: (status) => requests.add(status),
    upstreamDuration: (seconds) => upstream.observe(seconds),
    authFailure: (reason) => authFailures.add(reason),
    rateLimited: (kind) => limited.add(kind),
    usageEvents(count) {
      events += count
    },
    journalLag(seconds) {
      lag = seconds
    },
    http: http.observe,
    webhookDelivery: (isDelivered) => deliveries.add(isDelivered ? 'delivered' : 'failed'),
    paymentAttempt: (provider) => attempts.add(provider),
    paymentFailure: (provider) => failures.add(provider),
    registration() {
      registrations++
    },
    ledgerImbalance(amountMinor) {
      imbalance = amountMinor
    },
  }
}

/** A metric that has no series yet still stands in the answer, so that an alert on it can be written. */
const orZero = (samples: Sample[]): Sample[] => (samples.length > 0 ? samples : [{ labels: {}, value: 0 }])

interface HttpRoute {
  readonly method: string
  readonly route: string
  readonly byStatus: Map<number, number>
  readonly seconds: Buckets
}

function httpSeries() {
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
    observe(sample: { method: string; route: string; status: number; seconds: number }): void {
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
