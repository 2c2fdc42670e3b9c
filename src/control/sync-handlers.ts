import type { QueueSync } from '#app/sync/queue-sync.ts'
import type { SyncJobs } from '#app/sync/run-sync.ts'
import { accept, type Outcome, refuseFields } from '#contract/outcome.ts'
import { dataAnswer, refusalAnswer } from '#core/channel/http/answer.ts'
import { readBody } from '#core/channel/http/read-body.ts'
import type { ControlHandler } from './route-table.ts'

/** What running sync jobs needs. */
export interface SyncDependencies {
  readonly sync: SyncJobs
  readonly queueSync: QueueSync
}

/** So much a request waits for; a whole dry run is for the command line. */
const pagesOfDryRun = 20

function isDryOf(body: Readonly<Record<string, unknown>>): Outcome<boolean> {
  const problems = Object.keys(body)
    .filter((field) => field !== 'dry_run')
    .map((field) => ({ field, reason: 'is not a known field' }))
  const { dry_run: isDry = false } = body
  if (typeof isDry !== 'boolean') problems.push({ field: 'dry_run', reason: 'must be true or false' })
  return problems.length > 0 ? refuseFields(problems) : accept(isDry === true)
}

/** Looking at sync jobs, running and resetting them, by their rule. */
export function syncHandlers({
  sync,
  queueSync,
}: SyncDependencies): Readonly<Record<string, ControlHandler>> {
  const answered = (outcome: Outcome<unknown>, requestId: string): Response =>
    outcome.ok ? dataAnswer(outcome.value) : refusalAnswer(outcome, requestId)
  return {
    'GET /admin/sync': async () => dataAnswer(await sync.list()),
    'GET /admin/sync/:name': async ({ parameters, requestId }) =>
      answered(await sync.find(parameters['name'] ?? ''), requestId),
    'POST /admin/sync/:name/run': async ({ parameters, request, requestId }) => {
      const name = parameters['name'] ?? ''
      const body = await readBody(request)
      const isDry = body.ok ? isDryOf(body.value) : body
      if (!isDry.ok) return refusalAnswer(isDry, requestId)
      if (!isDry.value) return answered(await queueSync(name), requestId)
      return answered(await sync.run(name, { isDry: true, mostPages: pagesOfDryRun }), requestId)
    },
    'POST /admin/sync/:name/reset': async ({ parameters, requestId }) => {
      const name = parameters['name'] ?? ''
      const outcome = await sync.reset(name)
      return answered(outcome.ok ? accept({ name }) : outcome, requestId)
    },
  }
}
