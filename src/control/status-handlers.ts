import { dataAnswer, jsonAnswer } from '#core/channel/http/answer.ts'
import type { ServedCertificate } from '#ports/certificates.ts'
import type { MetricsReport } from '#ports/metrics.ts'
import type { UpstreamStatus } from '#ports/upstream-status.ts'
import type { Health, HealthReport } from './health.ts'
import type { ControlHandler } from './route-table.ts'

/** What one capability runs on and how it is. */
export interface ProviderStatus {
  readonly provider: string
  readonly status: string
}

/** Health and metrics, by their rule. */
export function statusHandlers(deps: {
  readonly health: Health
  readonly metrics: MetricsReport
  readonly providers: () => Promise<Readonly<Record<string, ProviderStatus>>>
  readonly upstreams: () => Promise<readonly UpstreamStatus[]>
  readonly certificates: () => readonly ServedCertificate[]
}): Readonly<Record<string, ControlHandler>> {
  const answer = (report: HealthReport, more: object = {}): Response =>
    jsonAnswer(report.status === 'healthy' ? 200 : 503, { ...report, ...more })
  return {
    'GET /health': async () => answer(await deps.health.ready()),
    'GET /health/live': () => answer(deps.health.live()),
    'GET /health/ready': async () => answer(await deps.health.ready()),
    'GET /admin/certificates': () => dataAnswer(deps.certificates()),
    'GET /admin/health': async () => answer(await deps.health.ready(), { providers: await deps.providers() }),
    'GET /admin/upstreams': async () => dataAnswer(await deps.upstreams()),
    'GET /metrics': async () =>
      new Response(await deps.metrics.text(), { headers: { 'content-type': deps.metrics.contentType } }),
  }
}
