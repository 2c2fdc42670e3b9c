import { accept, Fault, refuse } from '#contract/outcome.ts'
import type { Capabilities } from '#ports/capability/capabilities.ts'
import type { JobHandler, JobQueue, JobSchedule, JobView } from '#ports/capability/job-queue.ts'

/** The queue of an instance, with what its worker reads of it. */
export interface OpenJobQueue extends JobQueue {
  readonly handlers: ReadonlyMap<string, JobHandler>
  schedules(): Promise<readonly JobSchedule[]>
  /** Hears of jobs that this process adds. */
  onEnqueued(listener: () => void): void
}

/** Makes the queue on whichever provider is active at each call. */
export function createJobQueue(deps: { readonly capabilities: Capabilities }): OpenJobQueue {
  const queue = () => deps.capabilities.capability('queue')
  const handlers = new Map<string, JobHandler>()
  const sources: (() => Promise<readonly JobSchedule[]>)[] = []
  const listeners: (() => void)[] = []
  return {
    handlers,
    async schedules() {
      return (await Promise.all(sources.map((source) => source()))).flat()
    },
    onEnqueued: (listener) => void listeners.push(listener),
    async enqueue({ name, payload, runAt, dedupeKey, attempts }) {
      const added = await queue().enqueue({
        name,
        payload,
        ...(runAt === undefined ? {} : { run_at: new Date(runAt).toISOString() }),
        ...(dedupeKey === undefined ? {} : { dedupe_key: dedupeKey }),
        ...(attempts === undefined ? {} : { attempts }),
      })
      if (!added.ok) return added
      for (const listener of listeners) listener()
      return accept({ id: added.value.job_id, isDuplicate: added.value.is_duplicate })
    },
    register(name, handler) {
      if (handlers.has(name)) throw new Fault('internal_error', `two do the jobs of ${name}`)
      handlers.set(name, handler)
    },
    recurring: (source) => void sources.push(source),
    async list(query) {
      const listed = await queue().list(query)
      if (!listed.ok) return listed
      return accept({ jobs: listed.value.jobs as readonly JobView[], has_more: listed.value.has_more })
    },
    async retry(id) {
      const outcome = await queue().revive({ job_id: id })
      if (!outcome.ok) return outcome
      if (!outcome.value.revived) return refuse('not_found', `There is no dead letter "${id}"`)
      for (const listener of listeners) listener()
      return accept(undefined)
    },
    async delete(id) {
      const outcome = await queue().delete({ job_id: id })
      if (!outcome.ok) return outcome
      return outcome.value.deleted
        ? accept(undefined)
        : refuse('not_found', `There is no job "${id}" that does not run`)
    },
  }
}
