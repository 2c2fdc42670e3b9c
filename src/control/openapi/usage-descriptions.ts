import { type DescribedOperation, enveloped } from '#core/channel/openapi/operation.ts'
import { listOf, oneOf, query, shape, shapeOrNull, text, textOrNull, whole, wholeOrNull } from './shapes.ts'

const time = { type: 'string', format: 'date-time' } as const
const timeOrNull = { type: ['string', 'null'], format: 'date-time' } as const
const totals = {
  requests: whole,
  units: whole,
  errors: whole,
  request_bytes: whole,
  response_bytes: whole,
  duration_ms: whole,
}
const stretch = [
  query('from', text, 'The first moment, ISO 8601; 30 days ago unless given'),
  query('to', text, 'The moment after the last one; now unless given'),
]
const pointLength = query(
  'granularity',
  oneOf('minute', 'hour', 'day'),
  'How long each point is; `day` unless given',
)
const whatever = [
  ...stretch,
  pointLength,
  query('group_by', oneOf('api', 'key', 'organization', 'route'), 'A series for each of them instead of one'),
]
const ofRoutes = [query('route_id', text, 'Only this route'), query('api_id', text, 'Only this API')]
const latency = { requests: whole, p50: wholeOrNull, p95: wholeOrNull, p99: wholeOrNull }
const overTime = enveloped(
  shape({
    from: time,
    to: time,
    granularity: oneOf('minute', 'hour', 'day'),
    group_by: textOrNull,
    totals: shape(totals),
    series: listOf(
      shape({
        id: textOrNull,
        name: text,
        totals: shape(totals),
        points: listOf(shape({ at: time, ...totals })),
      }),
    ),
  }),
)

/** Usage over time, by its rule. */
export const usageDescriptions: Readonly<Record<string, DescribedOperation>> = {
  'GET /admin/usage/series': {
    id: 'get_usage_series',
    tag: 'Usage',
    summary: 'Usage over time, of everybody or of one organization, key, route or API',
    parameters: [
      ...whatever,
      query('organization_id', text, 'Only this organization'),
      query('api_key_id', text, 'Only this key'),
      ...ofRoutes,
    ],
    answers: { 200: { description: 'Usage over time', schema: overTime } },
    errors: ['validation_error'],
  },
  'GET /admin/usage/latency': {
    id: 'get_usage_latency',
    tag: 'Usage',
    summary: 'How long requests took, over time and by route',
    description:
      'In milliseconds: half of the requests took at most `p50`, all but one in a hundred at most `p99`. They are counted in steps, each 1.4 times as long as the one before, and right to a step. Points ' +
      'by minute are kept for two days.',
    parameters: [...stretch, pointLength, ...ofRoutes],
    answers: {
      200: {
        description: 'Latency over time, and the slowest routes',
        schema: enveloped(
          shape({
            from: time,
            to: time,
            granularity: oneOf('minute', 'hour', 'day'),
            totals: shape(latency),
            points: listOf(shape({ at: time, ...latency })),
            routes: listOf(shape({ id: text, name: text, ...latency })),
          }),
        ),
      },
    },
    errors: ['validation_error'],
  },
  'GET /ws/admin/requests': {
    id: 'watch_requests',
    tag: 'Usage',
    summary: 'Requests while they are counted, as WebSocket messages',
    description:
      'Twice a second at most: {"event": "requests", "data": {"counted", "requests": [{"id", "at", "request_id", "organization_id", "api_key_id", "route_id", "method", "path", "status", "units", ' +
      '"duration_ms"}]}}. `counted` is how many requests there were since the last message; of very many only some are told, those that failed first. A browser names the protocols `apigate` and ' +
      '`bearer.<token>`. Close codes: 1001 the server stops, 1003 a client sent something, 4401 the credential is no longer valid, 4408 the client does not read fast enough.',
    answers: { 101: { description: 'Switching to WebSocket' } },
    errors: ['rate_limit_exceeded', 'upgrade_required'],
  },
  'GET /api/v1/dashboard/usage-graph': {
    id: 'get_own_usage_graph',
    tag: 'Usage',
    summary: 'Usage of the own organization over time',
    parameters: whatever,
    answers: { 200: { description: 'Usage over time', schema: overTime } },
    errors: ['validation_error'],
  },
  'GET /api/v1/dashboard/api-keys': {
    id: 'get_own_usage_by_key',
    tag: 'Usage',
    summary: 'What each key of the own organization was used for',
    parameters: stretch,
    answers: {
      200: {
        description: 'Usage by key, the busiest first',
        schema: enveloped(
          shape({ from: time, to: time, keys: listOf(shape({ id: textOrNull, name: text, ...totals })) }),
        ),
      },
    },
    errors: ['validation_error'],
  },
  'GET /api/v1/dashboard/stats': {
    id: 'get_own_usage_stats',
    tag: 'Usage',
    summary: 'Where the own organization stands this month, and today',
    answers: {
      200: {
        description: 'This month by subscription, and today',
        schema: enveloped(
          shape({
            month: text,
            subscriptions: listOf(
              shape({
                subscription_id: text,
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
                forecast: {
                  ...shapeOrNull({ units: whole, cost_minor: whole, included_until: timeOrNull }),
                  description: 'What the month comes to if it goes on as the last seven days did',
                },
              }),
            ),
            today: shape({ requests: whole, units: whole, errors: whole }),
          }),
        ),
      },
    },
    errors: ['validation_error'],
  },
}
