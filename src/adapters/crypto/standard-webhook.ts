import { createHash, createHmac } from 'node:crypto'
import type { SignWebhook } from '#ports/webhook-signature.ts'

const keyOf = (secret: string): Buffer =>
  secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret)

/** An id as a header can carry it, the same for the same id. */
export const webhookId = (id: string): string =>
  /^[\w-]{1,100}$/.test(id) ? id : createHash('sha256').update(id).digest('hex')

/** The headers of Standard Webhooks: the id, the second of this attempt, and a signature of both and the body by each secret. */
export const signWebhook: SignWebhook = (secrets, { id, body }, now) => {
  const seconds = String(Math.floor(now / 1000))
  const signatures = secrets.map(
    (secret) =>
      `v1,${createHmac('sha256', keyOf(secret)).update(`${id}.${seconds}.${body}`).digest('base64')}`,
  )
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': seconds,
    'webhook-signature': signatures.join(' '),
  }
}
