import { Fault } from '#contract/outcome.ts'
import type { JobQueue } from '#ports/capability/job-queue.ts'
import type { Clock } from '#ports/clock.ts'
import type { WebhookLog } from '#ports/webhook-log.ts'

/** The name of the jobs that deliver what is due at one endpoint. */
export const webhookJob = 'webhook.deliver'

const mostAtOnce = 200

/**
 * Sees to it that every endpoint with something due has its job in the queue, one at a time: what was just recorded, what is to be tried
 * again, and what a crash has left behind. To be called again and again; of very many endpoints each call takes the next ones.
 */
export function createQueueDeliveries(deps: {
  readonly log: Pick<WebhookLog, 'dueEndpoints'>
  readonly queue: Pick<JobQueue, 'enqueue'>
  readonly clock: Clock
}): () => Promise<number> {
  let after = ''
  return async () => {
    const ids = await deps.log.dueEndpoints(deps.clock.now(), after, mostAtOnce)
    for (const id of ids) {
      const added = await deps.queue.enqueue({
        name: webhookJob,
        payload: { endpoint_id: id },
        dedupeKey: id,
      })
      if (!added.ok) throw new Fault(added.code, added.message)
    }
    after = ids.length < mostAtOnce ? '' : (ids.at(-1) ?? '')
    return ids.length
  }
}
