import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from 'node:crypto'
import { Fault } from '#contract/outcome.ts'
import type { Cipher } from '#ports/cipher.ts'

/** Texts of this form do not name their key; they are read, and no longer written. */
const unnamed = 'aes-256-gcm:v1:'
const named = 'aes-256-gcm:v2:'
const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16

/** The keys of an instance as they are now, the one to seal with first. The same array as long as they are the same. */
export type KeySource = () => readonly Uint8Array[]

interface NamedKey {
  readonly id: string
  readonly secret: KeyObject
}

function nameKey(key: Uint8Array): NamedKey {
  if (key.length !== keyBytes)
    throw new Fault('internal_error', `the encryption key must have ${keyBytes} bytes`)
  const id = createHash('sha256').update('apigate key ').update(key).digest('hex').slice(0, 8)
  return { id, secret: createSecretKey(key) }
}

/**
 * AES-256-GCM under a key of 32 bytes, or the first of several of which all are read. Every text has its own random nonce and is
 * `aes-256-gcm:v2:<name of the key>:` + base64url of nonce, tag and ciphertext.
 */
export function createCipher(keys: Uint8Array | KeySource): Cipher {
  const source: KeySource = keys instanceof Uint8Array ? constant(keys) : keys
  let given: readonly Uint8Array[] = []
  let ring: readonly NamedKey[] = []
  const current = (): readonly NamedKey[] => {
    const now = source()
    if (now !== given || ring.length === 0) {
      ring = now.map(nameKey)
      given = now
    }
    return ring
  }
  const active = (): NamedKey => {
    const [first] = current()
    if (first === undefined) throw new Fault('internal_error', 'there is no encryption key')
    return first
  }
  active()
  return {
    seal(plaintext, context) {
      const { id, secret } = active()
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', secret, nonce).setAAD(Buffer.from(context))
      const text = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()])
      return `${named}${id}:${Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64url')}`
    },
    open(sealed, context) {
      const { keyId, data } = partsOf(sealed, context)
      let cause: unknown
      for (const { id, secret } of current()) {
        if (keyId !== undefined && keyId !== id) continue
        try {
          return openWith(secret, data, context)
        } catch (error) {
          cause = error
        }
      }
      const message = `the secret ${context} was altered or encrypted with another key`
      throw new Fault('internal_error', message, { cause })
    },
    activePrefix: () => `${named}${active().id}:`,
  }
}

const constant = (key: Uint8Array): KeySource => {
  const keys = [key]
  return () => keys
}

function partsOf(sealed: string, context: string): { keyId: string | undefined; data: Buffer } {
  const [, keyId, rest] = /^aes-256-gcm:v2:([0-9a-f]{8}):(.*)$/s.exec(sealed) ?? []
  const body = rest ?? (sealed.startsWith(unnamed) ? sealed.slice(unnamed.length) : undefined)
  const data = Buffer.from(body ?? '', 'base64url')
  if (body === undefined || data.length < nonceBytes + tagBytes)
    throw new Fault('internal_error', `the secret ${context} is not in the format ${named}`)
  return { keyId, data }
}

function openWith(secret: KeyObject, data: Buffer, context: string): string {
  const tag = data.subarray(nonceBytes, nonceBytes + tagBytes)
  const decipher = createDecipheriv('aes-256-gcm', secret, data.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  })
  decipher.setAAD(Buffer.from(context)).setAuthTag(tag)
  return decipher.update(data.subarray(nonceBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8')
}
