import { createHmac, timingSafeEqual } from 'node:crypto'

const toleranceSeconds = 300
const form = /^t=([0-9]{1,12}),v1=([0-9a-f]{64})$/

const hmac = (secret: string, seconds: string, raw: string): Buffer =>
  createHmac('sha256', secret).update(`${seconds}.${raw}`).digest()

/** The value of a `dummy-signature` header: a time and HMAC-SHA-256 over it and the exact body. */
export function signWebhook(secret: string, raw: string, now: number): string {
  const seconds = String(Math.floor(now / 1000))
  return `t=${seconds},v1=${hmac(secret, seconds, raw).toString('hex')}`
}

/** Why a signature does not hold, in words without secrets; undefined when it does. */
export function webhookProblem(
  secret: string,
  raw: string,
  signature: string | undefined,
  now: number,
): string | undefined {
  const [, seconds, given] = form.exec(signature ?? '') ?? []
  if (seconds === undefined || given === undefined) return 'has no signature of the form t=…,v1=…'
  if (Math.abs(now / 1000 - Number(seconds)) > toleranceSeconds) return 'was signed too long ago'
  return timingSafeEqual(Buffer.from(given, 'hex'), hmac(secret, seconds, raw))
    ? undefined
    : 'has a signature that does not match'
}
