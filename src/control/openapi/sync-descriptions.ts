import { type DescribedOperation, enveloped } from '#core/channel/openapi/operation.ts'
import { listOf, shape, text, textOrNull, truth, whole } from './shapes.ts'

const job = shape({
  name: text,
  enabled: truth,
  schedule: textOrNull,
  watermark: textOrNull,
  report: { type: ['object', 'null'], additionalProperties: true, description: 'Null before the first run' },
})
const progress = shape({
  read: whole,
  inserted: whole,
  updated: whole,
  unchanged: whole,
  failed: whole,
  failures: listOf({ type: 'object', additionalProperties: true }),
  is_done: truth,
  watermark: textOrNull,
})

const tag = 'Sync'

/** Sync jobs beyond their records, by their rule. */
export const syncDescriptions: Readonly<Record<string, DescribedOperation>> = {
  'GET /admin/sync': {
    id: 'list_sync',
    tag,
    summary: 'Every sync job with how far it has come',
    answers: { 200: { description: 'The jobs', schema: enveloped(listOf(job)) } },
  },
  'GET /admin/sync/:name': {
    id: 'get_sync',
    tag,
    summary: 'A sync job with how far it has come and the report of its last run',
    answers: { 200: { description: 'The job', schema: enveloped(job) } },
    errors: ['not_found', 'service_unavailable'],
  },
  'POST /admin/sync/:name/run': {
    id: 'run_sync',
    tag,
    summary: 'Put a run into the queue; with dry_run count what the next 20 pages would change',
    body: {
      content: {
        'application/json': { type: 'object', properties: { dry_run: truth }, additionalProperties: false },
      },
      example: { dry_run: true },
      isRequired: false,
    },
    answers: {
      200: {
        description: 'The job of the queue, or what a dry run found',
        schema: enveloped({ anyOf: [shape({ job_id: text, is_duplicate: truth }), progress] }),
      },
    },
    errors: ['permission_denied', 'not_found', 'conflict', 'validation_error', 'service_unavailable'],
  },
  'POST /admin/sync/:name/reset': {
    id: 'reset_sync',
    tag,
    summary: 'Forget how far a sync job has come: its next run begins at the start',
    answers: { 200: { description: 'It begins at the start', schema: enveloped(shape({ name: text })) } },
    errors: ['permission_denied', 'not_found', 'conflict', 'service_unavailable'],
  },
}
