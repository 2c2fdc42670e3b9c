import { createHmac, createSecretKey } from 'node:crypto'
import { Fault } from '#contract/outcome.ts'
import type { TokenDigest } from '#ports/hashing.ts'

const leastBytes = 16

/** HMAC-SHA-256 under a server-side pepper, written `hmac-sha256:v1:<hex>`: the same token always gives the same text. */
export function createTokenDigest(pepper: Uint8Array): TokenDigest {
  if (pepper.length < leastBytes)
    throw new Fault('internal_error', `the pepper must have at least ${leastBytes} bytes`)
  const key = createSecretKey(pepper)
  return { digest: (raw) => `hmac-sha256:v1:${createHmac('sha256', key).update(raw).digest('hex')}` }
}
