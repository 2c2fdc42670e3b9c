import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto'
import { Fault } from '#contract/outcome.ts'
import type { Cipher } from '#ports/cipher.ts'

const format = 'aes-256-gcm:v1:'
const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16

/** AES-256-GCM under a key of 32 bytes; every text has its own random nonce and is `aes-256-gcm:v1:` + base64url of nonce, tag and ciphertext. */
export function createCipher(key: Uint8Array): Cipher {
  if (key.length !== keyBytes)
    throw new Fault('internal_error', `the encryption key must have ${keyBytes} bytes`)
  const secret = createSecretKey(key)
  return {
    seal(plaintext, context) {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', secret, nonce).setAAD(Buffer.from(context))
      const text = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()])
      return format + Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64url')
    },
    open(sealed, context) {
      const data = Buffer.from(sealed.slice(format.length), 'base64url')
      if (!sealed.startsWith(format) || data.length < nonceBytes + tagBytes) {
        throw new Fault('internal_error', `the secret ${context} is not in the format ${format}`)
      }
      const nonce = data.subarray(0, nonceBytes)
      const tag = data.subarray(nonceBytes, nonceBytes + tagBytes)
      const decipher = createDecipheriv('aes-256-gcm', secret, nonce, { authTagLength: tagBytes })
      decipher.setAAD(Buffer.from(context)).setAuthTag(tag)
      try {
        return (
          decipher.update(data.subarray(nonceBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8')
        )
      } catch (cause) {
        throw new Fault('internal_error', `the secret ${context} was altered or encrypted with another key`, {
          cause,
        })
      }
    },
  }
}
