import { reference } from '#core/channel/openapi/json-schema.ts'
import { type DescribedOperation, enveloped } from '#core/channel/openapi/operation.ts'
import { listOf, oneOf, query, shape, text, textOrNull, truth, whole } from './shapes.ts'

const time = { type: 'string', format: 'date-time' }
const tag = 'Audit'

/** An entry as it is shown. */
const entry = shape({
  chain: text,
  seq: whole,
  at: time,
  actor_kind: text,
  actor_id: text,
  operator_id: textOrNull,
  action: text,
  outcome: text,
  module: textOrNull,
  record_id: textOrNull,
  changes: { type: 'object', additionalProperties: true },
  request_id: text,
  ip: textOrNull,
  user_agent: textOrNull,
  previous_hash: text,
  hash: text,
})
const end = shape({ chain: text, seq: whole, hash: text })

const withinFilters = [
  query('actor', text, 'The id of who acted'),
  query('operator', text, 'The operator behind impersonations'),
  query('action', text, 'For example `plan.update`'),
  query('outcome', text, '`done`, or an error'),
  query('module', text, 'The module of the record'),
  query('record', text, 'The id of the record'),
  query('from', time, 'Not before'),
  query('until', time, 'Before'),
]
const filters = [
  query('organization_id', text, 'The chain of this organization, or `instance`'),
  ...withinFilters,
]
const place = [
  query('limit', { type: 'integer', minimum: 1, maximum: 100, default: 20 }, 'Entries on a page'),
  query('cursor', text, '`next_cursor` of the page before'),
]
const form = query('format', oneOf('jsonl', 'csv'), 'JSON lines unless given')
const page: DescribedOperation['answers'] = {
  200: {
    description: 'A page of entries',
    schema: enveloped(listOf(entry), reference('schemas', 'ListMeta')),
  },
}
const lines: DescribedOperation['answers'] = {
  200: { description: 'The entries', schema: text, contentType: 'application/x-ndjson' },
}

/** The audit log, by its rule. */
export const auditDescriptions: Readonly<Record<string, DescribedOperation>> = {
  'GET /admin/audit': {
    id: 'list_audit_entries',
    tag,
    summary: 'Who did what, newest first',
    parameters: [...filters, ...place],
    answers: page,
  },
  'GET /admin/audit/export': {
    id: 'export_audit_entries',
    tag,
    summary: 'Every entry that matches, oldest first, one a line',
    parameters: [...filters, form],
    answers: lines,
  },
  'GET /api/v1/audit': {
    id: 'list_own_audit_entries',
    tag,
    summary: 'Who did what in the own organization, newest first; for owners and admins',
    parameters: [...withinFilters, ...place],
    answers: page,
    errors: ['permission_denied'],
  },
  'GET /api/v1/audit/export': {
    id: 'export_own_audit_entries',
    tag,
    summary: 'Every entry of the own organization that matches, oldest first, one a line',
    parameters: [...withinFilters, form],
    answers: lines,
    errors: ['permission_denied'],
  },
  'POST /admin/audit/verify': {
    id: 'verify_audit_log',
    tag,
    summary: 'Examine every chain; with ends of an earlier answer, also that those are still there',
    body: {
      content: {
        'application/json': {
          type: 'object',
          properties: { ends: { ...listOf(end), maxItems: 10_000 } },
          additionalProperties: false,
        },
      },
      isRequired: false,
    },
    answers: {
      200: {
        description: 'What was found',
        schema: enveloped(
          shape({
            is_intact: truth,
            entries: whole,
            chains: whole,
            problems: listOf(shape({ chain: text, seq: whole, problem: text })),
            ends: listOf(end),
          }),
        ),
      },
    },
  },
}
