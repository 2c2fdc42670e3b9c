import { type DescribedOperation, enveloped } from '#core/channel/openapi/operation.ts'
import {
  listOf,
  mapOf,
  oneOf,
  query,
  shape,
  shapeOrNull,
  text,
  textOrNull,
  truth,
  truthOrNull,
  whole,
  wholeOrNull,
} from './shapes.ts'

const importState = oneOf('new', 'changed', 'unchanged', 'obsolete')
const finding = {
  type: 'object',
  required: ['field', 'reason'],
  properties: { field: text, line: whole, reason: text },
}
const importReport = shape({
  dry_run: truth,
  document: shape({ title: text, version: textOrNull }),
  upstream: shape({ state: importState, id: textOrNull, name: text, base_url: text }),
  routes: listOf(
    shape({
      state: importState,
      id: textOrNull,
      name: text,
      path: textOrNull,
      methods: listOf(text),
      match_type: text,
      path_pattern: text,
      path_rewrite: textOrNull,
      auth_required: truth,
      changes: listOf(text),
    }),
  ),
  counts: shape({ new: whole, changed: whole, unchanged: whole, obsolete: whole }),
  notes: listOf(finding),
})

const plan = shape({
  id: text,
  name: text,
  rate_limit_per_minute: wholeOrNull,
  rate_limit_scope: text,
  requests_per_month: wholeOrNull,
  quota_mode: text,
})
const routeTest = shape({
  request: shape({ method: text, host: textOrNull, path: textOrNull }),
  refusal: shapeOrNull({ type: text, message: text }),
  route: shapeOrNull({
    id: text,
    name: text,
    match_type: text,
    path_pattern: text,
    priority: whole,
    public: truth,
  }),
  captures: mapOf(text),
  fits_schema: truthOrNull,
  upstream: shapeOrNull({
    name: text,
    method: text,
    urls: listOf(text),
    body: textOrNull,
    headers: shape({ added: listOf(text), replaced: listOf(text), removed: listOf(text) }),
  }),
  caller: shapeOrNull({
    key_id: text,
    organization_id: text,
    user_id: textOrNull,
    subscription_id: text,
    plan,
  }),
  cost: shapeOrNull({
    units: wholeOrNull,
    most_units: wholeOrNull,
    free_from_status: wholeOrNull,
    included_units: wholeOrNull,
    beyond: { type: ['string', 'null'], enum: ['billed', 'refused', 'free', null] },
    unit_price: textOrNull,
    currency: textOrNull,
  }),
  runners_up: listOf(shape({ id: text, name: text, path_pattern: text, reasons: listOf(text) })),
  more_runners_up: whole,
})

const asked = {
  type: 'object',
  required: ['url'],
  properties: {
    method: { type: ['string', 'null'], default: 'GET' },
    url: text,
    headers: {
      description: 'Names and values, or a list of such pairs',
      anyOf: [
        mapOf(text),
        listOf({ type: 'array', items: text, minItems: 2, maxItems: 2 }),
        { type: 'null' },
      ],
    },
    key: { type: ['string', 'null'], description: 'An API key', writeOnly: true },
    body: textOrNull,
  },
  additionalProperties: false,
}

/** Importing routes, testing them and the addresses of upstreams, by their rule. */
export const routeToolsDescriptions: Readonly<Record<string, DescribedOperation>> = {
  'POST /admin/routes/import': {
    id: 'import_routes',
    tag: 'Route tools',
    summary: 'Make an upstream and routes from an OpenAPI document, or bring them up to it',
    parameters: [
      query('upstream', text, "The upstream's name; the document's title unless given"),
      query('base_url', text, "Where requests go; the document's first server unless given"),
      query('prefix', text, 'What stands before every path at the gateway'),
      query('dry_run', truth, 'Only tell what would happen'),
      query('public_from_security', truth, 'Make paths public whose every operation says `security: []`'),
      query('validate', truth, 'Check request bodies against the schemas of the document'),
    ],
    body: {
      content: { 'application/yaml': text, 'application/json': { type: 'object' } },
      isRequired: true,
    },
    answers: { 200: { description: 'What was done', schema: enveloped(importReport) } },
    errors: ['permission_denied', 'conflict', 'not_found'],
  },
  'POST /admin/upstreams/test': {
    id: 'test_upstream',
    tag: 'Route tools',
    summary: 'Ask an address once, as the gateway would reach it, and tell how it answered',
    body: {
      content: {
        'application/json': {
          type: 'object',
          required: ['url'],
          properties: { url: { ...text, maxLength: 2048 } },
          additionalProperties: false,
        },
      },
      example: { url: 'http://127.0.0.1:3000' },
      isRequired: true,
    },
    answers: {
      200: {
        description: 'How it answered; `status` is null where it did not',
        schema: enveloped(
          shape({
            url: text,
            reached: truth,
            status: wholeOrNull,
            duration_ms: whole,
            problem: textOrNull,
          }),
        ),
      },
    },
    errors: ['permission_denied'],
  },
  'POST /api/routes/test': {
    id: 'test_route',
    tag: 'Route tools',
    summary:
      'Which route a request would match, what the upstream would get, and what it would cost; sends nothing',
    body: {
      content: { 'application/json': asked },
      example: { method: 'GET', url: '/weather/berlin' },
      isRequired: true,
    },
    answers: { 200: { description: 'What would become of the request', schema: enveloped(routeTest) } },
    errors: ['not_found'],
  },
}
