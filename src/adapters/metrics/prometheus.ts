import { type Metric, Registry } from 'prom-client'
import type { Metrics, MetricsReport } from '#ports/metrics.ts'
import { httpSeries } from './http-series.ts'
import type { MetricSet } from './metric-set.ts'
import { buckets, labelledCounter, orZero, type Sample, secondBounds } from './samples.ts'
import { upstreamSeries } from './upstream-series.ts'

type Kind = 'counter' | 'gauge' | 'histogram'
type Definition = readonly [name: string, kind: Kind, help: string, samples: () => Sample[]]

/** Counting, and what was counted: as text, or to be added up with what other threads have. */
export interface CountingMetrics extends Metrics, MetricsReport {
  collect(): Promise<MetricSet>
}

/**
 * Metrics in the Prometheus text format. Counting touches plain numbers only; the registry reads them when it is
 * scraped. Every label is bounded, none names a customer.
 */
export function createPrometheusMetrics(): CountingMetrics {
  const tally = createTally()
  const registry = new Registry()
  for (const [name, type, help, samples] of definitions(tally)) {
    // A target that one thread does not use is not up.
    const aggregator = name === upstreamUpName ? 'min' : 'sum'
    const get = async () => ({ name, help, type, values: samples(), aggregator })
    registry.registerMetric({ name, get, reset() {} } as unknown as Metric)
  }
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    collect: async () => (await registry.getMetricsAsJSON()) as MetricSet,
    gatewayRequest: (status) => tally.requests.add(status),
    upstreamDuration: (seconds) => tally.upstream.observe(seconds),
    authFailure: (reason) => tally.authFailures.add(reason),
    rateLimited: (kind, isShadow = false) => (isShadow ? tally.shadowed : tally.limited).add(kind),
    limitTableFull() {
      tally.tableFull++
    },
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
    jobDone: (result) => tally.jobsDone.add(result),
    jobsWaiting(counts) {
      tally.jobs = counts
    },
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
    limited: labelledCounter('kind', ['rate', 'concurrency', 'quota', 'sign_in', 'control']),
    shadowed: labelledCounter('kind', ['rate', 'concurrency']),
    tableFull: 0,
    deliveries: labelledCounter('outcome', ['delivered', 'failed']),
    attempts: labelledCounter('provider'),
    failures: labelledCounter('provider'),
    jobsDone: labelledCounter('result', ['done', 'retried', 'dead', 'lost']),
    jobs: { waiting: 0, running: 0, dead: 0 },
    upstreamUp: upstreamSeries(),
    fallbacks: labelledCounter('reason', [], 20),
    events: 0,
    lagSeconds: 0,
    registrations: 0,
    imbalance: 0,
  }
}

const upstreamUpName = 'apigate_upstream_up'
const inShadow = (samples: Sample[]): Sample[] =>
  samples.map(({ labels, value }) => ({ labels: { ...labels, shadow: 'true' }, value }))

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
    [upstreamUpName, 'gauge', 'Whether a target gets requests', tally.upstreamUp.samples],
    [upstreamName, 'histogram', 'Wait for the upstream', () => tally.upstream.samples(upstreamName)],
    [
      'apigate_auth_failures_total',
      'counter',
      'Requests without valid credentials',
      tally.authFailures.samples,
    ],
    [
      'apigate_rate_limited_total',
      'counter',
      'Requests refused by a limit, or that one with shadow would have refused',
      () => [...tally.limited.samples(), ...inShadow(tally.shadowed.samples())],
    ],
    [
      'apigate_limit_table_full_total',
      'counter',
      'Requests a limit could not count',
      () => one(tally.tableFull),
    ],
    ['apigate_usage_events_total', 'counter', 'Usage events that became durable', () => one(tally.events)],
    [
      'apigate_metering_fallbacks_total',
      'counter',
      'Calls that were not billed by their metering expression alone',
      () => orZero(tally.fallbacks.samples()),
    ],
    ['apigate_job_attempts_total', 'counter', 'Attempts of background jobs', tally.jobsDone.samples],
    [
      'apigate_jobs',
      'gauge',
      'Background jobs in the queue',
      () => Object.entries(tally.jobs).map(([state, value]) => ({ labels: { state }, value })),
    ],
    ['apigate_journal_lag_seconds', 'gauge', 'Age of the oldest unstored event', () => one(tally.lagSeconds)],
    ['webhook_deliveries_total', 'counter', 'Webhook deliveries', tally.deliveries.samples],
    ['payment_attempts_total', 'counter', 'Payments tried', () => orZero(tally.attempts.samples())],
    ['payment_failures_total', 'counter', 'Payments that failed', () => orZero(tally.failures.samples())],
    ['user_registrations_total', 'counter', 'Accounts that were opened', () => one(tally.registrations)],
    ['ledger_imbalance', 'gauge', 'Minor units the ledger is out of balance by', () => one(tally.imbalance)],
  ]
}
