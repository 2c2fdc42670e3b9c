import { createHmac } from 'node:crypto'
import { isFresh, isHmac } from './signed-webhook.ts'

/** The value of a `dummy-signature` header: a time and HMAC-SHA-256 over it and the exact body. */
export function signWebhook(secret: string, raw: string, now: number): string {
  const seconds = String(Math.floor(now / 1000))
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${raw}`).digest('hex')}`
}

/** Whether a `dummy-signature` is of this body, by this secret and fresh. */
export function isSignedByDummy(secret: string, raw: string, given: string, nowMs: number): boolean {
  const [, seconds = '', value = ''] = /^t=([0-9]{1,12}),v1=([0-9a-f]{64})$/.exec(given) ?? []
  return isFresh(seconds, nowMs) && isHmac('sha256', secret, `${seconds}.${raw}`, value)
}
