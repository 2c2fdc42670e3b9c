import { accept, Fault, type Outcome, refuse } from '#contract/outcome.ts'
import type { Capabilities } from '#ports/capability/capabilities.ts'
import type { Job, JobQueue } from '#ports/capability/job-queue.ts'

/** A call of an outside service that its caller does not wait for. */
export interface DeferredCall {
  readonly capability: string
  readonly action: string
  readonly input: Readonly<Record<string, unknown>>
  /** While a call with this key waits or runs, none is added. */
  readonly dedupeKey?: string
  /** How often it is tried; 10 unless given: with doubling waits that bridges an outage of hours. */
  readonly attempts?: number
}

/** Puts a call on the queue; whoever is active when it is done does it. Answers the id of the job. */
export type DeferCall = (call: DeferredCall) => Promise<Outcome<{ readonly jobId: string }>>

const jobName = 'capability.call'
const usualAttempts = 10

/**
 * Calls that can wait: a provider that is down leaves the work on the queue, which tries it again with back-off. Where the action takes
 * an `idempotency_key` and none was given, every attempt carries the same one, so that an attempt whose answer was lost is not done twice.
 */
export function createDeferCall(deps: {
  readonly queue: JobQueue
  readonly capabilities: Capabilities
  /** True when an action takes that parameter. */
  readonly takes: (capability: string, action: string, parameter: string) => boolean
  readonly newKey: () => string
}): DeferCall {
  deps.queue.register(jobName, ({ payload }: Pick<Job, 'payload'>) => {
    const { capability, action, input } = payload
    if (
      typeof capability !== 'string' ||
      typeof action !== 'string' ||
      typeof input !== 'object' ||
      input === null
    )
      throw new Fault('internal_error', 'a deferred call without capability, action and input')
    return deps.capabilities.call({ capability, action, input: input as Readonly<Record<string, unknown>> })
  })
  return async ({ capability, action, input, dedupeKey, attempts = usualAttempts }) => {
    const isKeyed =
      input['idempotency_key'] !== undefined || !deps.takes(capability, action, 'idempotency_key')
    const keyed = isKeyed ? input : { ...input, idempotency_key: deps.newKey() }
    const queued = await deps.queue.enqueue({
      name: jobName,
      payload: { capability, action, input: keyed },
      attempts,
      ...(dedupeKey === undefined ? {} : { dedupeKey }),
    })
    if (!queued.ok) return refuse(queued.code, `It could not be put off: ${queued.message}`, queued.details)
    return accept({ jobId: queued.value.id })
  }
}
