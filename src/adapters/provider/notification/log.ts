import { accept } from '#contract/outcome.ts'
import type { OpenProviderCode, ProviderActions } from '#ports/capability/provider.ts'

const levels = { info: 'info', warning: 'warn', error: 'error' } as const

/** Writes notifications to the log, at the level of their severity. */
export function createNotificationLog(): OpenProviderCode<ProviderActions<'notification'>> {
  return ({ log, ids }) => ({
    actions: {
      async notify({ event, severity = 'info', title, text, data, idempotency_key: key }) {
        const messageId = key ?? ids.next('ntf')
        const fields = { message_id: messageId, event, severity, title, text, data }
        log[levels[severity]](fields, 'notification')
        return accept({ delivered: true, message_id: messageId })
      },
    },
  })
}
