import { systemActor } from '#contract/actor.ts'
import { Fault } from '#contract/outcome.ts'
import type { Clock } from '#ports/clock.ts'
import type { Ids } from '#ports/ids.ts'
import type { Invoke } from '#ports/invoke.ts'
import type { Records } from '#ports/records.ts'

const keepMs = 90 * 24 * 60 * 60_000
const mostAtOnce = 500

/** Deletes the notes of mails that were sent more than 90 days ago, the oldest 500 at a call; to be called from time to time. */
export function createForgetMails(deps: {
  readonly records: Pick<Records, 'list'>
  readonly invoke: Invoke
  readonly ids: Ids
  readonly clock: Clock
}): () => Promise<void> {
  return async () => {
    const before = new Date(deps.clock.now() - keepMs).toISOString()
    const { items } = await deps.records.list('email_message', {
      where: [{ field: 'created_at', op: 'lt', value: before }],
      sort: { field: 'id', descending: false },
      limit: mostAtOnce,
    })
    const requestId = deps.ids.next('req')
    for (const { id } of items) {
      const gone = await deps.invoke({
        module: 'email_message',
        action: 'delete',
        id,
        actor: systemActor,
        requestId,
      })
      if (!gone.ok && gone.code !== 'not_found') throw new Fault(gone.code, gone.message)
    }
  }
}
