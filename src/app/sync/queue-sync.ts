import { accept, type Outcome } from '#contract/outcome.ts'
import type { JobQueue, JobSchedule } from '#ports/capability/job-queue.ts'
import type { Records } from '#ports/records.ts'
import type { ReadRecurrence } from '#ports/recurrence.ts'
import type { SyncJobs } from './run-sync.ts'

/** Puts a run of a sync job into the queue, once while one waits or runs. */
export type QueueSync = (
  name: string,
) => Promise<Outcome<{ readonly job_id: string; readonly is_duplicate: boolean }>>

const jobName = 'sync.run'

/** Lets sync jobs run in the queue: on request and by their schedules. What stops in the middle goes on where it was. */
export function createQueueSync(deps: {
  readonly queue: JobQueue
  readonly sync: SyncJobs
  readonly records: Records
  readonly readRecurrence: ReadRecurrence
}): QueueSync {
  const { queue, sync, records, readRecurrence } = deps

  queue.register(jobName, async ({ payload, signal }) => {
    const { name, schedule } = payload
    const job = await records.get('sync_job', String(name))
    // A job that is gone, rests, or has another schedule by now has nothing to do at this time.
    const isStale = schedule !== undefined && (job?.enabled !== true || job.schedule !== schedule)
    if (job === undefined || isStale) return accept(undefined)
    const outcome = await sync.run(job.id, { signal })
    // Whoever runs it already does this work too.
    return !outcome.ok && outcome.details?.['reason'] === 'running' ? accept(undefined) : outcome
  })

  queue.recurring(async () => {
    const schedules: JobSchedule[] = []
    for await (const { id, enabled, schedule } of records.each('sync_job')) {
      if (!enabled || typeof schedule !== 'string' || schedule === '') continue
      const read = readRecurrence(schedule)
      if (!read.ok) continue
      const payload = { name: id, schedule }
      schedules.push({ schedule: `sync ${id} ${schedule}`, recurrence: read.value, name: jobName, payload })
    }
    return schedules
  })

  return async (name) => {
    const found = await sync.find(name)
    if (!found.ok) return found
    const job = (await records.getBy('sync_job', 'name', name)) ?? (await records.get('sync_job', name))
    const id = job?.id ?? name
    const queued = await queue.enqueue({ name: jobName, payload: { name: id }, dedupeKey: id })
    return queued.ok ? accept({ job_id: queued.value.id, is_duplicate: queued.value.isDuplicate }) : queued
  }
}
