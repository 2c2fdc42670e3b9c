import { isFresh, isHmac } from './signed-webhook.ts'

const mostSignatures = 10

/** Whether a `Paddle-Signature` is of this body, by this secret and fresh; while a secret is replaced, one of several is enough. */
export function isSignedByPaddle(secret: string, raw: string, given: string, nowMs: number): boolean {
  const parts = given.split(';', mostSignatures + 1).map((part) => part.trim().split('='))
  const seconds = parts.find(([name]) => name === 'ts')?.[1] ?? ''
  if (!isFresh(seconds, nowMs)) return false
  return parts.some(
    ([name, value = '']) => name === 'h1' && isHmac('sha256', secret, `${seconds}:${raw}`, value),
  )
}
