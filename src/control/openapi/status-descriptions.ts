import { type DescribedOperation, enveloped } from '#core/channel/openapi/operation.ts'
import { listOf, mapOf, oneOf, query, shape, text, whole, wholeOrNull } from './shapes.ts'

const report = shape({
  status: oneOf('healthy', 'unhealthy'),
  timestamp: { type: 'string', format: 'date-time' },
  services: mapOf(oneOf('up', 'down')),
  uptime: { ...whole, description: 'Seconds' },
  memory: shape({ rss: whole, heap_used: whole, heap_total: whole }),
  version: text,
})
const fullReport = {
  allOf: [report, shape({ providers: mapOf(shape({ provider: text, status: text })) })],
}
const health = (id: string, summary: string, schema = report as object): DescribedOperation => ({
  id,
  tag: 'Health',
  summary,
  answers: {
    200: { description: 'Healthy', schema: { ...schema } },
    503: { description: 'Not able to serve', schema: { ...schema } },
  },
})

const target = shape({
  index: whole,
  url: text,
  weight: whole,
  health: oneOf('up', 'down', 'unchecked'),
  breaker: oneOf('closed', 'open', 'half_open'),
  busy: whole,
  idle: whole,
  waiting: whole,
})
const upstream = shape({ id: text, name: text, targets: listOf(target) })

const usageRow = shape({
  subscription_id: text,
  organization_id: text,
  organization: text,
  api_id: text,
  api: text,
  plan_id: text,
  plan: text,
  requests: whole,
  units: whole,
  errors: whole,
  price_model: oneOf('flat', 'per_unit', 'graduated', 'volume', 'package', 'percentage'),
  quota_mode: oneOf('hard', 'soft', 'warn'),
  included: wholeOrNull,
  remaining: wholeOrNull,
  overage_units: whole,
  cost_minor: whole,
  currency: text,
  cost: text,
})

/** Health, metrics, upstreams and usage, by their rule. */
export const statusDescriptions: Readonly<Record<string, DescribedOperation>> = {
  'GET /health': health('get_health', 'Whether the instance can serve'),
  'GET /health/live': health('get_health_live', 'Whether the process lives'),
  'GET /health/ready': health('get_health_ready', 'Whether the instance can serve'),
  'GET /admin/health': health('get_admin_health', 'Health, and what every capability runs on', fullReport),
  'GET /metrics': {
    id: 'get_metrics',
    tag: 'Health',
    summary:
      'Metrics in the text format of Prometheus; for operators and this machine, unless they are public',
    answers: { 200: { description: 'Metrics', schema: text, contentType: 'text/plain' } },
  },
  'GET /admin/certificates': {
    id: 'list_certificates',
    tag: 'Health',
    summary: 'The certificates that the HTTPS ports serve; none where they speak HTTP',
    answers: {
      200: {
        description: 'The first is for clients whose name none has',
        schema: enveloped(
          listOf(
            shape({ source: text, names: listOf(text), issuer: text, valid_from: text, valid_to: text }),
          ),
        ),
      },
    },
  },
  'GET /admin/upstreams': {
    id: 'list_upstream_status',
    tag: 'Health',
    summary: 'Upstreams and their targets as this process sees them',
    answers: { 200: { description: 'Every upstream', schema: enveloped(listOf(upstream)) } },
  },
  'GET /admin/usage/summary': {
    id: 'get_usage_summary',
    tag: 'Usage',
    summary: 'Usage and cost so far of a calendar month, by subscription',
    parameters: [
      query(
        'month',
        { type: 'string', pattern: '^\\d{4}-\\d{2}$' },
        '`YYYY-MM`, UTC; this month unless given',
      ),
      query('organization_id', text, 'Only of this organization'),
    ],
    answers: {
      200: { description: 'The month', schema: enveloped(shape({ month: text, rows: listOf(usageRow) })) },
    },
    errors: ['not_found'],
  },
}
