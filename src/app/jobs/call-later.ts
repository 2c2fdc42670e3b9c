import type { Outcome } from '#contract/outcome.ts'
import type { Capabilities } from '#ports/capability/capabilities.ts'
import type { JobQueue } from '#ports/capability/job-queue.ts'

/** A call of an outside service that need not be done now. */
export interface LaterCall {
  readonly capability: string
  readonly action: string
  readonly input: Readonly<Record<string, unknown>>
  readonly dedupeKey?: string
}

/** Puts a call into the queue, where it waits for as long as its provider is down. */
export type CallLater = (call: LaterCall) => Promise<Outcome<{ readonly id: string }>>

const name = 'provider.call'
/** With back-off, half a day of a provider that is down. */
const attempts = 25

/**
 * Lets calls of providers wait in the queue. An action that knows `idempotency_key` should be given one: a call whose process ends is done
 * again.
 */
export function createCallLater(deps: {
  readonly jobs: JobQueue
  readonly capabilities: Capabilities
}): CallLater {
  deps.jobs.register(name, ({ payload }) => {
    const { capability, action, input } = payload as unknown as LaterCall
    return deps.capabilities.call({ capability, action, input })
  })
  return ({ dedupeKey, ...payload }) =>
    deps.jobs.enqueue({ name, payload, attempts, ...(dedupeKey === undefined ? {} : { dedupeKey }) })
}
