import { type JsonObject, reference } from '#core/channel/openapi/json-schema.ts'
import { type DescribedOperation, enveloped } from '#core/channel/openapi/operation.ts'
import { listOf, oneOf, query, shape, text, textOrNull, truth, whole, wholeOrNull } from './shapes.ts'

const time: JsonObject = { type: 'string', format: 'date-time' }
const timeOrNull: JsonObject = { type: ['string', 'null'], format: 'date-time' }
const words: JsonObject = { type: ['array', 'null'], items: text }
const id: JsonObject = { name: 'id', in: 'path', required: true, schema: { type: 'string', minLength: 1 } }

const key = {
  id: text,
  name: text,
  prefix: textOrNull,
  organization_id: textOrNull,
  user_id: textOrNull,
  scopes: words,
  allow_ips: words,
  limits: { type: ['array', 'null'], items: { type: 'object' } },
  spend_cap: wholeOrNull,
  replaces_id: textOrNull,
  is_active: truth,
  created_at: time,
  expires_at: timeOrNull,
  revoked_at: timeOrNull,
  last_used_at: timeOrNull,
  leaked_at: timeOrNull,
}
const spending = shape({
  period: { ...text, description: 'The calendar month, UTC' },
  resets_at: time,
  cap: { ...wholeOrNull, description: 'Minor units of each currency' },
  spent: listOf(shape({ currency: text, amount: { ...whole, description: 'Minor units, rounded up' } })),
})
const alert = shape({
  id: text,
  api_key_id: { ...textOrNull, description: 'Of one key alone' },
  key: textOrNull,
  route_id: { ...textOrNull, description: 'Of one route alone' },
  route: textOrNull,
  measure: oneOf('units', 'spend'),
  currency: textOrNull,
  amount: { ...whole, description: 'Units, or minor units' },
  used: whole,
  resets_at: time,
})
const routeCap = shape({
  id: text,
  route_id: text,
  route: textOrNull,
  cap: { ...whole, description: 'Minor units' },
  currency: { ...text, description: 'Of the plan that the route is used under' },
  spent: { ...whole, description: 'Minor units, rounded up; every unit at the unit price' },
  resets_at: time,
})
const report = { token: text, type: text, url: text, source: text }
const secret: JsonObject = { ...text, description: 'The key itself, shown this once' }
const bodyOf = (properties: Readonly<Record<string, JsonObject>>) => ({
  content: { 'application/json': { type: 'object', properties, additionalProperties: false } },
  isRequired: true,
})

/** The keys of an organization, by their rule. */
export const keyDescriptions: Readonly<Record<string, DescribedOperation>> = {
  'GET /api/v1/keys': {
    id: 'list_own_keys',
    tag: 'Keys',
    summary: 'The keys of the organization, the newest first, a hundred a page; never their secrets',
    parameters: [query('cursor', text, 'Where the page before ended')],
    answers: {
      200: {
        description: 'A page',
        schema: enveloped(shape({ keys: listOf(shape(key)), next_cursor: textOrNull })),
      },
    },
  },
  'POST /api/v1/keys': {
    id: 'create_own_key',
    tag: 'Keys',
    summary: 'Make a key; the answer holds it this once, or once more for the same Idempotency-Key',
    parameters: [reference('parameters', 'IdempotencyKey')],
    body: bodyOf({
      name: { ...text, maxLength: 200 },
      scopes: { type: 'array', items: text },
      allow_ips: { type: 'array', items: text },
      expires_at: time,
      subscription_id: text,
    }),
    answers: { 201: { description: 'Made', schema: enveloped(shape({ ...key, key: secret })) } },
    errors: ['conflict', 'idempotency_mismatch'],
  },
  'PATCH /api/v1/keys/:id': {
    id: 'restrict_own_key',
    tag: 'Keys',
    summary: 'Change what a key may do; limits are never looser than the plan, null takes a bound away',
    parameters: [id],
    body: bodyOf({
      name: { ...text, maxLength: 200 },
      scopes: words,
      allow_ips: words,
      limits: { type: ['array', 'null'], items: { type: 'object' } },
      spend_cap: { type: ['integer', 'null'], minimum: 0, maximum: 1_000_000_000 },
    }),
    answers: { 200: { description: 'Changed', schema: enveloped(shape(key)) } },
    errors: ['not_found', 'permission_denied', 'validation_error'],
  },
  'POST /api/v1/keys/leaked': {
    id: 'report_leaked_keys',
    tag: 'Keys',
    summary:
      'Report keys that were found in public: they are revoked. The answer is the same for keys that are none',
    body: bodyOf({
      ...report,
      reports: { ...listOf({ type: 'object', properties: report }), maxItems: 100 },
    }),
    answers: { 202: { description: 'Taken', schema: enveloped(shape({ received: whole })) } },
    errors: ['validation_error'],
  },
  'GET /api/v1/spending': {
    id: 'show_spending',
    tag: 'Keys',
    summary: 'What use has cost this month beyond base prices, and the cap on it',
    answers: { 200: { description: 'The month so far', schema: enveloped(spending) } },
  },
  'GET /api/v1/spending/alerts': {
    id: 'show_budget_alerts',
    tag: 'Keys',
    summary:
      'The alerts of the organization, and how far use has come this month; /api/budget_alerts makes and ends them',
    answers: { 200: { description: 'All of them', schema: enveloped(shape({ alerts: listOf(alert) })) } },
  },
  'GET /api/v1/spending/routes': {
    id: 'show_route_caps',
    tag: 'Keys',
    summary:
      'The caps on what the use of one route may cost, and what it has cost this month; /api/route_caps makes and ends them',
    answers: { 200: { description: 'All of them', schema: enveloped(shape({ caps: listOf(routeCap) })) } },
  },
  'PUT /api/v1/spending/cap': {
    id: 'cap_spending',
    tag: 'Keys',
    summary:
      'Set what use may cost in a month; the gateway refuses what would cost more. null takes the cap away',
    body: bodyOf({ cap: { type: ['integer', 'null'], minimum: 0, maximum: 1_000_000_000 } }),
    answers: { 200: { description: 'Set', schema: enveloped(spending) } },
    errors: ['permission_denied', 'validation_error'],
  },
  'DELETE /api/v1/keys/:id': {
    id: 'revoke_own_key',
    tag: 'Keys',
    summary: 'Refuse the key from the next request on; members only keys that they made',
    parameters: [id],
    answers: { 200: { description: 'Revoked', schema: enveloped(shape(key)) } },
    errors: ['not_found', 'permission_denied', 'illegal_transition'],
  },
  'POST /api/v1/keys/:id/rotate': {
    id: 'rotate_own_key',
    tag: 'Keys',
    summary: 'Replace a key: the new one serves at once, the old one until its grace is over',
    parameters: [id, reference('parameters', 'IdempotencyKey')],
    body: bodyOf({ grace_seconds: { type: 'integer', minimum: 0, maximum: 2_592_000, default: 86_400 } }),
    answers: {
      201: {
        description: 'Rotated',
        schema: enveloped(shape({ ...key, key: secret, replaces: shape(key) })),
      },
    },
    errors: ['not_found', 'permission_denied', 'illegal_transition', 'conflict', 'idempotency_mismatch'],
  },
}
