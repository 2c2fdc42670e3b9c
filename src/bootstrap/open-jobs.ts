import { createJobQueue, type OpenJobQueue } from '#app/jobs/job-queue.ts'
import { createDeferCall, type DeferCall } from '#app/providers/deferred-calls.ts'
import type { Capability } from '#core/provider/capability.ts'
import type { Capabilities } from '#ports/capability/capabilities.ts'
import type { Ids } from '#ports/ids.ts'
import type { JobMetrics } from '#ports/metrics.ts'
import { createJobWorker, type JobWorker } from '#worker/job-worker.ts'
import type { House } from './open-house.ts'

/** Work that is done later: who adds it and who knows how it is done. */
export interface Jobs {
  readonly queue: OpenJobQueue
  /** Calls of outside services that wait for as long as their provider is down. */
  readonly deferCall: DeferCall
}

const mostAtOnce = 4
const leaseMs = 60_000

/** The queue of an instance with the handlers of the product. */
export function openJobs(deps: {
  readonly capabilities: Capabilities
  readonly known: ReadonlyMap<string, Capability>
  readonly ids: Ids
}): Jobs {
  const { capabilities, known, ids } = deps
  const queue = createJobQueue({ capabilities })
  const takes = (capability: string, action: string, parameter: string): boolean =>
    known
      .get(capability)
      ?.actions.get(action)
      ?.input.some(({ name }) => name === parameter) === true
  return { queue, deferCall: createDeferCall({ queue, capabilities, takes, newKey: () => ids.next('idk') }) }
}

/** A worker on the jobs of a house, not started; operators hear of dead letters as a notification. */
export function createHouseWorker(
  { jobs, clock, log, providers }: Pick<House, 'jobs' | 'clock' | 'log' | 'providers'>,
  metrics: JobMetrics,
): JobWorker {
  const tell = async ({ id, name, error }: { id: string; name: string; error: string }): Promise<void> => {
    log.error({ job: id, name, reason: error }, 'a job is a dead letter')
    const title = `The job ${name} failed for good`
    const data = { job_id: id }
    await providers.tell({ event: 'queue.job_dead', severity: 'error', title, text: error, data, key: id })
  }
  return createJobWorker({
    jobs: jobs.queue,
    capabilities: providers.capabilities,
    clock,
    log,
    metrics,
    chance: Math.random,
    mostAtOnce,
    leaseMs,
    onDead(job) {
      tell(job).catch((error: unknown) => log.error({ error }, 'nobody could be told of a dead letter'))
    },
  })
}

/** Lets a worker do the jobs of a house that serves. */
export function startJobs(house: Pick<House, 'jobs'>, worker: JobWorker): void {
  house.jobs.queue.onEnqueued(worker.wake)
  worker.start()
}
