import { accept } from '#contract/outcome.ts'
import type { JobQueue } from '#ports/capability/job-queue.ts'
import type { Clock } from '#ports/clock.ts'
import type { Records } from '#ports/records.ts'
import type { Recurrence } from '#ports/recurrence.ts'
import type { WebhookLog } from '#ports/webhook-log.ts'
import { keepWebhooksMs } from './webhook-settings.ts'

const pruneJob = 'webhook.prune'

/** Deletes old deliveries as often as a schedule says, whatever has become of them. */
export function schedulePruning(deps: {
  readonly queue: Pick<JobQueue, 'register' | 'recurring'>
  readonly log: Pick<WebhookLog, 'prune'>
  readonly records: Pick<Records, 'getBy'>
  readonly clock: Clock
  readonly recurrence: Recurrence
}): void {
  const { queue, log, records, clock, recurrence } = deps
  queue.register(pruneJob, async ({ signal }) => {
    const before = clock.now() - (await keepWebhooksMs(records))
    while (!signal.aborted && (await log.prune(before)) > 0);
    return accept(undefined)
  })
  queue.recurring(async () => [{ schedule: pruneJob, recurrence, name: pruneJob, payload: {} }])
}
