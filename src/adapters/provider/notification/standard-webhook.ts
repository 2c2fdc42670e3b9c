import { createHash, createHmac } from 'node:crypto'

/** Headers and body of a webhook as Standard Webhooks has them. */
export interface SignedWebhook {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const keyOf = (secret: string): Buffer =>
  secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret)

/** An id as a header can carry it, the same for the same id. */
export const webhookId = (id: string): string =>
  /^[\w-]{1,100}$/.test(id) ? id : createHash('sha256').update(id).digest('hex')

/** Signs the exact bytes of a message: `{id, type, timestamp, data}`. */
export function signWebhook(
  secret: string,
  message: { readonly id: string; readonly type: string; readonly data: unknown },
  now: number,
): SignedWebhook {
  const { id, type, data } = message
  const seconds = String(Math.floor(now / 1000))
  const body = JSON.stringify({ id, type, timestamp: new Date(now).toISOString(), data })
  const signature = createHmac('sha256', keyOf(secret)).update(`${id}.${seconds}.${body}`).digest('base64')
  return {
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': seconds,
      'webhook-signature': `v1,${signature}`,
    },
    body,
  }
}
