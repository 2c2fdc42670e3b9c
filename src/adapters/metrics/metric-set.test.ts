import { expect, test } from 'vitest'
import { lasting, metricText, summed } from './metric-set.ts'
import { createPrometheusMetrics } from './prometheus.ts'

test('what several threads have counted is one sum, histograms and their buckets too', async () => {
  const one = createPrometheusMetrics()
  const other = createPrometheusMetrics()
  for (let count = 0; count < 3; count++) one.gatewayRequest(200)
  other.gatewayRequest(200)
  other.gatewayRequest(404)
  one.upstreamDuration(0.002)
  other.upstreamDuration(0.2)
  const text = await metricText([await one.collect(), await other.collect()])
  expect(text).toContain('apigate_requests_total{status="200"} 4')
  expect(text).toContain('apigate_requests_total{status="404"} 1')
  expect(text).toContain('apigate_upstream_duration_seconds_bucket{le="0.0025"} 1')
  expect(text).toContain('apigate_upstream_duration_seconds_bucket{le="+Inf"} 2')
  expect(text).toContain('apigate_upstream_duration_seconds_count 2')
})

test('a thread that has counted nothing adds no series, and where nobody has, the metric still stands', async () => {
  const one = createPrometheusMetrics()
  one.gatewayRequest(200)
  const text = await metricText([await one.collect(), await createPrometheusMetrics().collect()])
  expect(text).not.toMatch(/^apigate_requests_total 0$/m)
  expect(text).toMatch(/^http_requests_total 0$/m)
})

test('a target counts as up only where every thread uses it', async () => {
  const one = createPrometheusMetrics()
  const other = createPrometheusMetrics()
  one.upstreamHealth('weather', 0, true)
  other.upstreamHealth('weather', 0, false)
  one.upstreamHealth('weather', 1, true)
  other.upstreamHealth('weather', 1, true)
  const text = await metricText([await one.collect(), await other.collect()])
  expect(text).toContain('apigate_upstream_up{upstream="weather",target="0"} 0')
  expect(text).toContain('apigate_upstream_up{upstream="weather",target="1"} 1')
})

test('a thread that has ended leaves its counts and takes its states with it', async () => {
  const ended = createPrometheusMetrics()
  ended.gatewayRequest(200)
  ended.upstreamHealth('weather', 0, false)
  const sum = await summed([lasting(await ended.collect()), lasting(await ended.collect())])
  const text = await metricText([sum])
  expect(text).toContain('apigate_requests_total{status="200"} 2')
  expect(text).not.toContain('apigate_upstream_up{')
})
