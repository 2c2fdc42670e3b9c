import { createHmac } from 'node:crypto'
import { genSalt, hash, verify } from '@node-rs/bcrypt'

const plain = /^\$2[abxy]\$(?<cost>0[4-9]|1[0-5])\$[./A-Za-z0-9]{53}$/
const digested =
  /^\$bcrypt-sha256\$v=2,t=2b,r=(?<cost>[4-9]|1[0-5])\$(?<salt>[./A-Za-z0-9]{22})\$(?<derived>[./A-Za-z0-9]{31})$/
/** bcrypt reads no further. */
const mostBytes = 72

/** bcrypt ignores what stands behind its 72nd byte or a NUL: of such a password its digest is hashed, keyed by the salt as passlib does. */
const isDigested = (password: string): boolean =>
  Buffer.byteLength(password) > mostBytes || password.includes('\0')

const digestOf = (password: string, salt: string): string =>
  createHmac('sha256', salt).update(password).digest('base64')

/** The cost of a hash of bcrypt, also over a digest; undefined for what is none, or would take too long. */
export function bcryptCost(stored: string): number | undefined {
  const cost = (plain.exec(stored) ?? digested.exec(stored))?.groups?.['cost']
  return cost === undefined ? undefined : Number(cost)
}

/** A hash in which every byte of the password counts: `$2b$...`, and `$bcrypt-sha256$...` where bcrypt alone would cut it off. */
export async function bcryptHash(password: string, cost: number): Promise<string> {
  if (!isDigested(password)) return hash(password, { cost })
  const encoded = await genSalt({ cost })
  const salt = encoded.slice(7)
  const made = await hash(digestOf(password, salt), { salt: encoded })
  return `$bcrypt-sha256$v=2,t=2b,r=${cost}$${salt}$${made.slice(29)}`
}

/** Verifies either form; false for anything else. */
export async function bcryptVerify(stored: string, password: string): Promise<boolean> {
  if (plain.test(stored)) return verify(password, stored)
  const { cost = '', salt = '', derived = '' } = digested.exec(stored)?.groups ?? {}
  if (derived === '') return false
  return verify(digestOf(password, salt), `$2b$${cost.padStart(2, '0')}$${salt}${derived}`)
}

/** True for a hash that `bcryptHash` would make otherwise, be it that it cuts off this password. */
export const isBcryptOutdated = (stored: string, password: string, cost: number): boolean =>
  bcryptCost(stored) !== cost || (plain.test(stored) && isDigested(password))
