import { createHmac, timingSafeEqual } from 'node:crypto'

const toleranceSeconds = 300
const mostSignatures = 10

const hmac = (secret: string, seconds: string, raw: string): Buffer =>
  createHmac('sha256', secret).update(`${seconds}:${raw}`).digest()

/** Whether a `Paddle-Signature` is of this body, by this secret and fresh; while a secret is replaced, one of several is enough. */
export function isSignedByPaddle(secret: string, raw: string, given: unknown, nowMs: number): boolean {
  if (secret === '' || typeof given !== 'string') return false
  const parts = given.split(';', mostSignatures + 1).map((part) => part.trim().split('='))
  const seconds = parts.find(([name]) => name === 'ts')?.[1] ?? ''
  if (!/^[0-9]{1,12}$/.test(seconds)) return false
  if (Math.abs(nowMs / 1000 - Number(seconds)) > toleranceSeconds) return false
  const expected = hmac(secret, seconds, raw)
  return parts.some(
    ([name, value = '']) =>
      name === 'h1' && /^[0-9a-f]{64}$/.test(value) && timingSafeEqual(Buffer.from(value, 'hex'), expected),
  )
}
