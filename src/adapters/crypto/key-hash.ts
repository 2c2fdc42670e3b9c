import { pbkdf2, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { hash, verify } from '@node-rs/bcrypt'
import type { KeyHash } from '#ports/hashing.ts'

/** A key has 256 random bits: the hash need not make guessing slow, only be one that is asked for. */
const ourCost = 10
const mostIterations = 2_000_000
const bcryptEncoded = /^\$2[abxy]\$(?:0[4-9]|1[0-4])\$[./A-Za-z0-9]{53}$/

interface Derived {
  readonly digest: string
  readonly iterations: number
  readonly salt: Buffer
  readonly derived: Buffer
}

type Reader = readonly [form: RegExp, salt: BufferEncoding, derived: BufferEncoding]

/** How frameworks write PBKDF2: with the salt and what came out in base64, the salt as text, or that and the rest in hex. */
const readers: readonly Reader[] = [
  [
    /^\$pbkdf2-(?<digest>sha256|sha512)\$(?:i=)?(?<iterations>\d{1,7})(?:,l=\d{1,3})?\$(?<salt>[\w./+-]{8,128})\$(?<derived>[\w./+-]{22,172})$/,
    'base64',
    'base64',
  ],
  [
    /^pbkdf2_(?<digest>sha256|sha512)\$(?<iterations>\d{1,7})\$(?<salt>[\x21-\x23\x25-\x7e]{1,128})\$(?<derived>[\w/+]{22,172}={0,2})$/,
    'latin1',
    'base64',
  ],
  [
    /^pbkdf2:(?<digest>sha256|sha512):(?<iterations>\d{1,7})\$(?<salt>[\x21-\x23\x25-\x7e]{1,128})\$(?<derived>[0-9a-f]{32,256})$/,
    'latin1',
    'hex',
  ],
]

/** Hashes of bcrypt, and of PBKDF2 as PHC strings, passlib, Django and Werkzeug write them; new ones are of bcrypt. */
export function createKeyHash(): KeyHash {
  return {
    hash: (rawKey) => hash(rawKey, { cost: ourCost }),
    isKnown: (stored) => bcryptEncoded.test(stored) || readDerived(stored) !== undefined,
    async verify(stored, rawKey) {
      if (bcryptEncoded.test(stored)) return verify(rawKey, stored)
      const read = readDerived(stored)
      if (read === undefined) return false
      const { salt, iterations, derived, digest } = read
      return timingSafeEqual(await derive(rawKey, salt, iterations, derived.length, digest), derived)
    },
  }
}

const derive = promisify(pbkdf2)

function readDerived(stored: string): Derived | undefined {
  for (const [form, saltEncoding, derivedEncoding] of readers) {
    const found = form.exec(stored)?.groups
    if (found === undefined) continue
    const { digest = '', salt = '', derived = '' } = found
    const iterations = Number(found['iterations'])
    if (iterations < 1 || iterations > mostIterations) return undefined
    return {
      digest,
      iterations,
      salt: bytesOf(salt, saltEncoding),
      derived: bytesOf(derived, derivedEncoding),
    }
  }
  return undefined
}

// passlib writes a point where base64 has a plus.
const bytesOf = (text: string, encoding: BufferEncoding): Buffer =>
  Buffer.from(encoding === 'base64' ? text.replaceAll('.', '+') : text, encoding)
