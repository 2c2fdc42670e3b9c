import { accept, Fault, refuse } from '#contract/outcome.ts'
import type { OpenProviderCode, ProviderActions } from '#ports/capability/provider.ts'
import { signWebhook, webhookId } from '../../crypto/standard-webhook.ts'

const mostAnswerBytes = 64 * 1024

/** A refusal by the receiver itself is not worth another attempt; everything else may be over in a while. */
const isFinal = (status: number): boolean =>
  status >= 400 && status < 500 && ![408, 425, 429].includes(status)

/** Posts notifications to an address, signed. Redirects are not followed. */
export function createNotificationWebhook(): OpenProviderCode<ProviderActions<'notification'>> {
  return ({ config, http, clock, ids, allowsPrivate }) => {
    const url = String(config['url'])
    if (!URL.canParse(url)) throw new Fault('service_unavailable', 'the address of the webhook is none')
    return {
      actions: {
        async notify({ event, severity = 'info', title, text = '', data, idempotency_key: key }) {
          const id = webhookId(key ?? ids.next('msg'))
          const content = { severity, title, text, ...(data === undefined ? {} : { data }) }
          const now = clock.now()
          const timestamp = new Date(now).toISOString()
          const body = JSON.stringify({ id, type: event, timestamp, data: content })
          const result = await http({
            method: 'POST',
            url: new URL(url),
            headers: signWebhook([String(config['secret'])], { id, body }, now),
            body,
            timeoutMs: Number(config['timeout_ms']),
            mostResponseBytes: mostAnswerBytes,
            allowsPrivate,
          })
          if (!result.ok) {
            const { kind, reason } = result.failure
            const code = kind === 'refused_address' ? 'validation_error' : 'service_unavailable'
            return refuse(code, `The receiver ${reason}`, { reason: kind })
          }
          const { status } = result.answer
          if (status >= 200 && status < 300) return accept({ delivered: true, message_id: id })
          const code = isFinal(status) ? 'upstream_error' : 'service_unavailable'
          return refuse(code, `The receiver answered ${status}`, { reason: 'status', status })
        },
      },
    }
  }
}
