import { accept, type FieldProblem, type Outcome, refuseFields } from '#contract/outcome.ts'
import { dataAnswer, refusalAnswer } from '#core/channel/http/answer.ts'
import type { JobQuery, JobQueue, JobView } from '#ports/capability/job-queue.ts'
import type { ControlHandler } from './route-table.ts'

/** What looking after jobs needs. */
export interface JobDependencies {
  readonly jobs: JobQueue
}

const states: readonly string[] = ['waiting', 'running', 'dead'] satisfies JobView['state'][]
const mostListed = 1_000

/** Reads what to list from a query; refuses what it does not know. */
function queryOf(parameters: URLSearchParams): Outcome<JobQuery> {
  const problems: FieldProblem[] = []
  const known = ['state', 'name', 'before', 'limit']
  for (const field of new Set(parameters.keys())) {
    if (!known.includes(field)) problems.push({ field, reason: 'is not a known parameter' })
    else if (parameters.getAll(field).length > 1) problems.push({ field, reason: 'stands there twice' })
  }
  const state = parameters.get('state')
  if (state !== null && !states.includes(state))
    problems.push({ field: 'state', reason: `must be one of ${states.join(', ')}` })
  const limit = parameters.get('limit') ?? '100'
  if (!/^[1-9][0-9]{0,3}$/.test(limit) || Number(limit) > mostListed)
    problems.push({ field: 'limit', reason: `must be a number from 1 to ${mostListed}` })
  if (problems.length > 0) return refuseFields(problems)
  const [name, before] = [parameters.get('name'), parameters.get('before')]
  return accept({
    limit: Number(limit),
    ...(state === null ? {} : { state: state as JobView['state'] }),
    ...(name === null ? {} : { name }),
    ...(before === null ? {} : { before }),
  })
}

/** Listing jobs, trying dead letters again and deleting them, by their rule. */
export function jobHandlers({ jobs }: JobDependencies): Readonly<Record<string, ControlHandler>> {
  return {
    'GET /admin/jobs': async ({ request, requestId }) => {
      const query = queryOf(new URL(request.url).searchParams)
      const listed = query.ok ? await jobs.list(query.value) : query
      return listed.ok ? dataAnswer(listed.value.jobs) : refusalAnswer(listed, requestId)
    },
    'POST /admin/jobs/:id/retry': async ({ parameters, requestId }) => {
      const outcome = await jobs.retry(parameters['id'] ?? '')
      return outcome.ok ? dataAnswer({ job_id: parameters['id'] }) : refusalAnswer(outcome, requestId)
    },
    'DELETE /admin/jobs/:id': async ({ parameters, requestId }) => {
      const outcome = await jobs.delete(parameters['id'] ?? '')
      return outcome.ok ? new Response(null, { status: 204 }) : refusalAnswer(outcome, requestId)
    },
  }
}
