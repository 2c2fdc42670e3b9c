import { expect, test } from 'vitest'
import { createPrometheusMetrics } from './prometheus.ts'

const promised = [
  'http_requests_total',
  'http_request_duration_seconds',
  'apigate_requests_total',
  'apigate_upstream_duration_seconds',
  'apigate_auth_failures_total',
  'apigate_rate_limited_total',
  'apigate_usage_events_total',
  'apigate_journal_lag_seconds',
  'webhook_deliveries_total',
  'payment_attempts_total',
  'payment_failures_total',
  'user_registrations_total',
  'ledger_imbalance',
]

test('every promised metric is announced before anything happened, with the ledger in balance', async () => {
  const text = await createPrometheusMetrics().text()
  for (const name of promised)
    expect(text).toMatch(new RegExp(`^# TYPE ${name} (counter|gauge|histogram)$`, 'm'))
  expect(text).toMatch(/^ledger_imbalance 0$/m)
  expect(text).toMatch(/^payment_failures_total 0$/m)
})

test('what was counted is what is scraped, and scraping twice does not count twice', async () => {
  const metrics = createPrometheusMetrics()
  metrics.gatewayRequest(200)
  metrics.gatewayRequest(200)
  metrics.gatewayRequest(429)
  metrics.authFailure('revoked')
  metrics.rateLimited('rate')
  metrics.usageEvents(3)
  metrics.journalLag(1.5)
  metrics.registration()
  await metrics.text()
  const text = await metrics.text()
  expect(text).toContain('apigate_requests_total{status="200"} 2\n')
  expect(text).toContain('apigate_requests_total{status="429"} 1\n')
  expect(text).toContain('apigate_auth_failures_total{reason="revoked"} 1\n')
  expect(text).toContain('apigate_auth_failures_total{reason="missing"} 0\n')
  expect(text).toContain('apigate_rate_limited_total{kind="rate"} 1\n')
  expect(text).toContain('apigate_usage_events_total 3\n')
  expect(text).toContain('apigate_journal_lag_seconds 1.5\n')
  expect(text).toContain('user_registrations_total 1\n')
})

test('a histogram is cumulative, ends with +Inf and sums what it saw', async () => {
  const metrics = createPrometheusMetrics()
  for (const seconds of [0.001, 0.004, 99]) metrics.upstreamDuration(seconds)
  const text = await metrics.text()
  expect(text).toContain('apigate_upstream_duration_seconds_bucket{le="0.001"} 1\n')
  expect(text).toContain('apigate_upstream_duration_seconds_bucket{le="0.005"} 2\n')
  expect(text).toContain('apigate_upstream_duration_seconds_bucket{le="30"} 2\n')
  expect(text).toContain('apigate_upstream_duration_seconds_bucket{le="+Inf"} 3\n')
  expect(text).toContain('apigate_upstream_duration_seconds_count 3\n')
  expect(text).toMatch(/apigate_upstream_duration_seconds_sum 99\.005/)
})

test('labels stay bounded: invented methods are one, and routes past the limit are one', async () => {
  const metrics = createPrometheusMetrics()
  for (let index = 0; index < 3_000; index++) {
    metrics.http({ method: `M${index}`, route: '/health', status: 405, seconds: 0.01 })
    metrics.http({ method: 'GET', route: `/r${index}`, status: 200, seconds: 0.01 })
  }
  const text = await metrics.text()
  expect(text).toContain('http_requests_total{method="other",route="/health",status="405"} 3000\n')
  expect(text).toMatch(/http_requests_total\{method="GET",route="other",status="200"\} 1001\n/)
})
