import { type Metric, Registry } from 'prom-client'
import type { Metrics, MetricsReport } from '#ports/metrics.ts'
import { httpSeries } from './http-series.ts'
import { buckets, labelledCounter, orZero, type Sample, secondBounds } from './samples.ts'
import { upstreamSeries } from './upstream-series.ts'

type Kind = 'counter' | 'gauge' | 'histogram'
type Definition = readonly [name: string, kind: Kind, help: string, samples: () => Sample[]]

/**
 * Metrics in the Prometheus text format. Counting touches plain numbers only; the registry reads them when it is
 * scraped. Every label is bounded, none names a customer.
 */
export function createPrometheusMetrics(): Metrics & MetricsReport {
  const tally = createTally()
  const registry = new Registry()
  for (const [name, type, help, samples] of definitions(tally)) {
    const get = async () => ({ name, help, type, values: samples(), aggregator: 'sum' })
    registry.registerMetric({ name, get, reset() {} } as unknown as Metric)
  }
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    gatewayRequest: (status) => tally.requests.add(status),
    upstreamDuration: (seconds) => tally.upstream.observe(seconds),
    authFailure: (reason) => tally.authFailures.add(reason),
    rateLimited: (kind) => tally.limited.add(kind),
    usageEvents(count) {
      tally.events += count
    },
    meteringFallback: (reason) => tally.fallbacks.add(reason),
    journalLag(seconds) {
      tally.lagSeconds = seconds
    },
    http: tally.http.observe,
    webhookDelivery: (isDelivered) => tally.deliveries.add(isDelivered ? 'delivered' : 'failed'),
    paymentAttempt: (provider) => tally.attempts.add(provider),
    paymentFailure: (provider) => tally.failures.add(provider),
    registration() {
      tally.registrations++
    },
    upstreamHealth: tally.upstreamUp.set,
    ledgerImbalance(amountMinor) {
      tally.imbalance = amountMinor
    },
  }
}

type Tally = ReturnType<typeof createTally>

function createTally() {
  const reasons = ['missing', 'invalid', 'expired', 'revoked', 'suspended', 'operator']
  return {
    http: httpSeries(),
    requests: labelledCounter('status', [], 700),
    upstream: buckets(secondBounds),
    authFailures: labelledCounter('reason', reasons),
    limited: labelledCounter('kind', ['rate', 'quota', 'sign_in']),
    deliveries: labelledCounter('outcome', ['delivered', 'failed']),
    attempts: labelledCounter('provider'),
    failures: labelledCounter('provider'),
    upstreamUp: upstreamSeries(),
    fallbacks: labelledCounter('reason', [], 20),
    events: 0,
    lagSeconds: 0,
    registrations: 0,
    imbalance: 0,
  }
}

const upstreamName = 'apigate_upstream_duration_seconds'

/** Every metric of the product, one row each; those without a series yet stand as 0, so that an alert can be written. */
function definitions(tally: Tally): readonly Definition[] {
  const one = (value: number): Sample[] => [{ labels: {}, value }]
  return [
    ['http_requests_total', 'counter', 'Answers of the control plane', tally.http.counts],
    [
      'http_request_duration_seconds',
      'histogram',
      'Time to answer in the control plane',
      tally.http.durations,
    ],
    [
      'apigate_requests_total',
      'counter',
      'Requests the gateway answered',
      () => orZero(tally.requests.samples()),
    ],
    ['apigate_upstream_up', 'gauge', 'Whether a target gets requests', tally.upstreamUp.samples],
    [upstreamName, 'histogram', 'Wait for the upstream', () => tally.upstream.samples(upstreamName)],
    [
      'apigate_auth_failures_total',
      'counter',
      'Requests without valid credentials',
      tally.authFailures.samples,
    ],
    ['apigate_rate_limited_total', 'counter', 'Requests refused by a limit', tally.limited.samples],
    ['apigate_usage_events_total', 'counter', 'Usage events that became durable', () => one(tally.events)],
    [
      'apigate_metering_fallbacks_total',
      'counter',
      'Calls that were not billed by their metering expression alone',
      () => orZero(tally.fallbacks.samples()),
    ],
    ['apigate_journal_lag_seconds', 'gauge', 'Age of the oldest unstored event', () => one(tally.lagSeconds)],
    ['webhook_deliveries_total', 'counter', 'Webhook deliveries', tally.deliveries.samples],
    ['payment_attempts_total', 'counter', 'Payments tried', () => orZero(tally.attempts.samples())],
    ['payment_failures_total', 'counter', 'Payments that failed', () => orZero(tally.failures.samples())],
    ['user_registrations_total', 'counter', 'Accounts that were opened', () => one(tally.registrations)],
    ['ledger_imbalance', 'gauge', 'Minor units the ledger is out of balance by', () => one(tally.imbalance)],
  ]
}
