import { systemActor } from '#contract/actor.ts'
import { Fault } from '#contract/outcome.ts'
import type { WebhookEndpointRow } from '#contract/rows.gen.ts'
import type { Clock } from '#ports/clock.ts'
import type { Ids } from '#ports/ids.ts'
import type { Invoke } from '#ports/invoke.ts'
import type { Records } from '#ports/records.ts'
import type { AttemptEnd, FailedAttempt } from './attempt-delivery.ts'
import { disableWebhooksAfterMs } from './webhook-settings.ts'

/** Tells those who look after an endpoint that it was disabled; told twice with the same key it tells them once. */
export type TellDisabled = (endpoint: WebhookEndpointRow, error: string, key: string) => Promise<void>

/** Draws the conclusions from some attempts at one endpoint. */
export type FollowHealth = (endpoint: WebhookEndpointRow, ends: readonly AttemptEnd[]) => Promise<void>

const isFailure = (end: AttemptEnd): end is FailedAttempt => 'error' in end

/**
 * An endpoint fails from the first time that it takes nothing until it takes something again. It is disabled, and those who look after it
 * are told, when it says that it is gone, and when a delivery was given up after it had failed for long.
 */
export function createFollowHealth(deps: {
  readonly records: Pick<Records, 'getBy'>
  readonly invoke: Invoke
  readonly ids: Ids
  readonly clock: Clock
  readonly tell: TellDisabled
}): FollowHealth {
  const { records, clock, tell } = deps
  const act = async (id: string, action: string, input: Readonly<Record<string, unknown>>): Promise<void> => {
    const call = { module: 'webhook_endpoint', action, id, input, actor: systemActor }
    const done = await deps.invoke({ ...call, requestId: deps.ids.next('req') })
    // It may have been deleted meanwhile.
    if (!done.ok && done.code !== 'not_found') throw new Fault(done.code, done.message)
  }
  const disable = async (endpoint: WebhookEndpointRow, error: string): Promise<void> => {
    // First the message, which comes once however often it is told: a crash in between cannot leave an endpoint silently disabled.
    await tell(endpoint, error, `${endpoint.id} ${endpoint.failing_since ?? endpoint.updated_at}`)
    await act(endpoint.id, 'disable', { reason: error })
  }

  return async (endpoint, ends) => {
    const failures = ends.filter(isFailure)
    const gone = failures.find(({ kind }) => kind === 'gone')
    if (gone !== undefined) return disable(endpoint, gone.error)
    const { id, failing_since: since } = endpoint
    if (ends.some(({ kind }) => kind === 'delivered'))
      return since === null ? undefined : act(id, 'note_health', {})
    const failed = failures.at(-1)
    if (failed === undefined) return undefined
    if (since === null) {
      const failed_at = new Date(clock.now()).toISOString()
      return act(id, 'note_health', { failed_at, reason: failed.error })
    }
    const isForLong = clock.now() - Date.parse(since) >= (await disableWebhooksAfterMs(records))
    if (isForLong && failures.some(({ kind }) => kind === 'gaveUp')) return disable(endpoint, failed.error)
    return undefined
  }
}
