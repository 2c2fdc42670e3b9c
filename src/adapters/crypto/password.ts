import { randomBytes } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'
import type { PasswordHash } from '#ports/hashing.ts'

/** The work of one hash; the defaults are what OWASP asks of argon2id (19 MiB, two passes). */
export interface PasswordCost {
  readonly memoryKib: number
  readonly passes: number
}

const usual: PasswordCost = { memoryKib: 19_456, passes: 2 }
const encoded = /^\$argon2id\$/

/** argon2id with a random salt, in the self-describing PHC format; passwords of any length count in full. */
export function createPasswordHash(cost: PasswordCost = usual): PasswordHash {
  const options = { memoryCost: cost.memoryKib, timeCost: cost.passes, parallelism: 1 }
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
    async verify(stored, password) {
      const fallback = await standInHash()
      if (stored === undefined || !encoded.test(stored)) return refuseSlowly(password)
      try {
        return await verify(stored, password)
      } catch {
        await verify(fallback, password)
        return false
      }
    },
  }
}
