import { accept, refuse } from '#contract/outcome.ts'
import type { JobHandler } from '#ports/capability/job-queue.ts'
import type { Records } from '#ports/records.ts'
import type { WebhookLog } from '#ports/webhook-log.ts'
import { type AttemptEnd, type AttemptParts, attemptDelivery } from './attempt-delivery.ts'
import type { FollowHealth } from './endpoint-health.ts'
import { allowsPrivateWebhooks, webhookAttempts } from './webhook-settings.ts'

/** Requests to one endpoint at the same time, each about another record. */
const mostAtOnce = 4
const batch = 2 * mostAtOnce
/** After this the next endpoint has its turn; what is left waits for the next job. */
const turnMs = 10_000

/**
 * Delivers what is due at one endpoint, of each record one after the other: the next one is sent when the one before it was taken or given
 * up. There is one such job for an endpoint at a time. An event may be sent twice where the process ends between sending and noting it.
 */
export function createDeliverWebhooks(
  deps: Omit<AttemptParts, 'log'> & {
    readonly log: Pick<WebhookLog, 'due' | 'note'>
    readonly records: Pick<Records, 'get' | 'getBy'>
    readonly followHealth: FollowHealth
  },
): JobHandler {
  const { log, records, clock } = deps
  return async ({ payload, signal }) => {
    const id = String(payload['endpoint_id'])
    const end = clock.now() + turnMs
    do {
      const endpoint = await records.get('webhook_endpoint', id)
      if (endpoint?.status !== 'active') return accept(undefined)
      const due = await log.due(id, clock.now(), batch)
      if (due.length === 0) return accept(undefined)
      const rules = {
        attempts: await webhookAttempts(records),
        allowsPrivate: await allowsPrivateWebhooks(records),
        signal,
      }
      const ends: AttemptEnd[] = []
      const waiting = due.values()
      const lane = async (): Promise<void> => {
        for (const delivery of waiting) ends.push(await attemptDelivery(deps, endpoint, delivery, rules))
      }
      await Promise.all(Array.from({ length: mostAtOnce }, lane))
      if (signal.aborted) return refuse('service_unavailable', 'broken off')
      await deps.followHealth(endpoint, ends)
    } while (clock.now() < end)
    return accept(undefined)
  }
}
