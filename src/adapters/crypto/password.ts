import { randomBytes } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'
import type { PasswordHashing, PasswordKind } from '#ports/hashing.ts'
import { bcryptCost, bcryptHash, bcryptVerify, isBcryptOutdated } from './bcrypt-password.ts'

/** The work of one hash of argon2id; the defaults are what OWASP asks (19 MiB, two passes). */
export interface Argon2Cost {
  readonly memoryKib: number
  readonly passes: number
}

const usual: Argon2Cost = { memoryKib: 19_456, passes: 2 }
const encoded = /^\$argon2id\$/

/**
 * argon2id with a random salt, in the self-describing PHC format, or bcrypt; passwords of any length count in full. Whichever is made
 * today, both are verified, also as other systems have made them.
 */
export function createPasswordHashing(cost: Argon2Cost = usual): PasswordHashing {
  const options = { memoryCost: cost.memoryKib, timeCost: cost.passes, parallelism: 1 }
  const current = `$argon2id$v=19$m=${cost.memoryKib},t=${cost.passes},p=1$`
  const make = (password: string, kind: PasswordKind): Promise<string> =>
    kind.name === 'bcrypt' ? bcryptHash(password, kind.cost) : hash(password, options)
  const standIns = new Map<string, Promise<string>>()
  const standInHash = (kind: PasswordKind): Promise<string> => {
    const key = kind.name === 'bcrypt' ? `bcrypt ${kind.cost}` : kind.name
    const known = standIns.get(key) ?? make(randomBytes(32).toString('hex'), kind)
    standIns.set(key, known)
    return known
  }
  /** Argon2 throws for what only begins like one of its hashes. */
  const isMatch = async (stored: string, password: string): Promise<boolean | undefined> => {
    if (bcryptCost(stored) !== undefined) return bcryptVerify(stored, password)
    return encoded.test(stored) ? verify(stored, password).catch(() => undefined) : undefined
  }
  return {
    hash: make,
    isKnown: (stored) => encoded.test(stored) || bcryptCost(stored) !== undefined,
    isOutdated: (stored, password, kind) =>
      kind.name === 'bcrypt' ? isBcryptOutdated(stored, password, kind.cost) : !stored.startsWith(current),
    async verify(stored, password, kind) {
      const standIn = await standInHash(kind)
      const answer = stored === undefined ? undefined : await isMatch(stored, password)
      if (answer === undefined) await isMatch(standIn, password)
      return answer === true
    },
  }
}
