import { readCron } from '#adapters/schedule/cron.ts'
import { createQueueSync, type QueueSync } from '#app/sync/queue-sync.ts'
import { createReconcile, type Reconcile } from '#app/sync/reconcile.ts'
import { createSyncJobs, type SyncJobs } from '#app/sync/run-sync.ts'
import type { Capabilities } from '#ports/capability/capabilities.ts'
import type { JobQueue } from '#ports/capability/job-queue.ts'
import type { Ids } from '#ports/ids.ts'
import type { Invoke } from '#ports/invoke.ts'
import type { Records } from '#ports/records.ts'

/** Synchronizations of an instance: run at once, or in the queue. */
export interface Sync {
  readonly jobs: SyncJobs
  readonly queue: QueueSync
  readonly reconcile: Reconcile
}

/** Makes them, and lets the queue run those with a schedule. */
export function openSync(deps: {
  readonly records: Records
  readonly capabilities: Capabilities
  readonly queue: JobQueue
  readonly invoke: Invoke
  readonly ids: Ids
}): Sync {
  const jobs = createSyncJobs(deps)
  return {
    jobs,
    reconcile: createReconcile(deps),
    queue: createQueueSync({ ...deps, sync: jobs, readRecurrence: readCron }),
  }
}
