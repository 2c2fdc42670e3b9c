import { randomBytes } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'
import { verify as bcryptVerify } from '@node-rs/bcrypt'
import type { PasswordHash } from '#ports/hashing.ts'

/** The work of one hash; the defaults are what OWASP asks of argon2id (19 MiB, two passes). */
export interface PasswordCost {
  readonly memoryKib: number
  readonly passes: number
}

const usual: PasswordCost = { memoryKib: 19_456, passes: 2 }
const encoded = /^\$argon2id\$/
const bcryptEncoded = /^\$2[abxy]\$(?:0[4-9]|1[0-5])\$[./A-Za-z0-9]{53}$/

/**
 * argon2id with a random salt, in the self-describing PHC format; passwords of any length count in full. Hashes of bcrypt, which other
 * systems made, verify too and are outdated.
 */
export function createPasswordHash(cost: PasswordCost = usual): PasswordHash {
  const options = { memoryCost: cost.memoryKib, timeCost: cost.passes, parallelism: 1 }
  const current = `$argon2id$v=19$m=${cost.memoryKib},t=${cost.passes},p=1$`
  let standIn: Promise<string> | undefined
  const standInHash = (): Promise<string> => {
    standIn ??= hash(randomBytes(32), options)
    return standIn
  }
  const refuseSlowly = async (password: string): Promise<false> => {
    await verify(await standInHash(), password)
    return false
  }
  return {
    hash: (password) => hash(password, options),
    isKnown: (stored) => encoded.test(stored) || bcryptEncoded.test(stored),
    isOutdated: (stored) => !stored.startsWith(current),
    async verify(stored, password) {
      const fallback = await standInHash()
      if (stored === undefined) return refuseSlowly(password)
      if (bcryptEncoded.test(stored)) return bcryptVerify(password, stored)
      if (!encoded.test(stored)) return refuseSlowly(password)
      try {
        return await verify(stored, password)
      } catch {
        await verify(fallback, password)
        return false
      }
    },
  }
}
