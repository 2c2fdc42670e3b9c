import { type DescribedOperation, enveloped } from '#core/channel/openapi/operation.ts'
import { listOf, oneOf, query, shape, text, textOrNull, whole } from './shapes.ts'

const time = { type: 'string', format: 'date-time' }
const job = shape({
  job_id: text,
  name: text,
  state: oneOf('waiting', 'running', 'dead'),
  payload: { description: 'What the job is about, in the words of who does it' },
  attempt: whole,
  attempts: whole,
  run_at: { ...time, description: 'When it may be taken; of a running one the end of its lease' },
  error: textOrNull,
  created_at: time,
})

const tag = 'Jobs'

/** Background jobs, by their rule. */
export const jobDescriptions: Readonly<Record<string, DescribedOperation>> = {
  'GET /admin/jobs': {
    id: 'list_jobs',
    tag,
    summary: 'Background jobs, the youngest first',
    parameters: [
      query('state', oneOf('waiting', 'running', 'dead'), 'Only those in this state'),
      query('name', text, 'Only those of this name'),
      query('before', text, 'The id of a job: only those that are older'),
      query('limit', { type: 'integer', minimum: 1, maximum: 1000, default: 100 }, 'How many at most'),
    ],
    answers: { 200: { description: 'The jobs', schema: enveloped(listOf(job)) } },
    errors: ['permission_denied', 'validation_error', 'service_unavailable'],
  },
  'POST /admin/jobs/:id/retry': {
    id: 'retry_job',
    tag,
    summary: 'Make a dead letter due again, with all its attempts',
    answers: { 200: { description: 'It waits', schema: enveloped(shape({ job_id: text })) } },
    errors: ['permission_denied', 'not_found', 'conflict', 'service_unavailable'],
  },
  'DELETE /admin/jobs/:id': {
    id: 'delete_job',
    tag,
    summary: 'Delete a job that does not run',
    answers: { 204: { description: 'Gone' } },
    errors: ['permission_denied', 'not_found', 'service_unavailable'],
  },
}
