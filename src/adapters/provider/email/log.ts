import { systemActor } from '#contract/actor.ts'
import { accept, Fault } from '#contract/outcome.ts'
import type { OpenProviderCode, ProviderActions } from '#ports/capability/provider.ts'
import type { Invoke } from '#ports/invoke.ts'
import type { Records } from '#ports/records.ts'

/** How many are removed at one sending, so that lowering `keep` does not make one sending slow. */
const mostRemoved = 20

/**
 * Keeps e-mails as records (`logged-emails`) and tells the log that there is one, without its text: codes and links in it are for the
 * recipient. Only the last `keep` stay.
 */
export function createEmailLog(deps: {
  readonly records: Records
  readonly invoke: Invoke
}): OpenProviderCode<ProviderActions<'email'>> {
  return ({ config, log, ids }) => {
    const keep = Number(config['keep'])

    const removeOldest = async (requestId: string): Promise<void> => {
      const sort = { field: 'id', descending: false }
      const { items, total = 0 } = await deps.records.list('logged_email', {
        sort,
        limit: mostRemoved,
        count: true,
      })
      for (const { id } of items.slice(0, Math.max(0, total - keep))) {
        await deps.invoke({ module: 'logged_email', action: 'delete', id, actor: systemActor, requestId })
      }
    }

    return {
      actions: {
        async send({ idempotency_key: key, to, from, subject, text, html }) {
          if (key !== undefined && key !== null) {
            const known = await deps.records.getBy('logged_email', 'idempotency_key', key)
            if (known !== undefined) return accept({ message_id: known.id })
          }
          const requestId = ids.next('req')
          const input = { to, from, subject, text, html, idempotency_key: key }
          const made = await deps.invoke({
            module: 'logged_email',
            action: 'create',
            input,
            actor: systemActor,
            requestId,
          })
          if (!made.ok) throw new Fault(made.code, made.message)
          const { id } = made.value.row
          log.info({ message_id: id, to, subject }, 'e-mail kept, not sent')
          await removeOldest(requestId)
          return accept({ message_id: id })
        },
      },
    }
  }
}
