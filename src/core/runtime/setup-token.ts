import type { Kysely } from 'kysely'
import type { Clock } from '#ports/clock.ts'
import type { TokenDigest } from '#ports/hashing.ts'
import type { Transaction } from '../engine.ts'
import { readMark, writeMark } from '../storage/meta.ts'
import type { Tables } from '../storage/tables.ts'

const mark = 'setup_token'
const lifetimeMs = 24 * 60 * 60_000

/** The one token with which a new instance gets its first account; kept as a digest. */
export interface SetupToken {
  /** Puts a token in the place of any before it; it is good for a day. */
  keep(token: string): Promise<void>
  isGood(token: string): Promise<boolean>
  /** Uses it up in a transaction; false when somebody else has. */
  use(transaction: Transaction, token: string): Promise<boolean>
  /** Nothing is left to set up. */
  drop(): Promise<void>
}

/** Keeps the token among the marks of the database. */
export function createSetupToken(deps: {
  readonly db: Kysely<Tables>
  readonly tokenDigest: TokenDigest
  readonly clock: Clock
}): SetupToken {
  const { db, tokenDigest, clock } = deps
  const digestOf = (token: string): string => tokenDigest.digest(`setup ${token}`)
  const isGood = async (on: Kysely<Tables>, token: string): Promise<boolean> => {
    const [digest, until] = (await readMark(on, mark))?.split(' ') ?? []
    return digest === digestOf(token) && Number(until) > clock.now()
  }
  return {
    keep: (token) => writeMark(db, mark, `${digestOf(token)} ${clock.now() + lifetimeMs}`),
    isGood: (token) => isGood(db, token),
    async use(transaction, token) {
      if (!(await isGood(transaction.db, token))) return false
      const used = await transaction.db.deleteFrom('apigate_meta').where('key', '=', mark).executeTakeFirst()
      return used.numDeletedRows > 0n
    },
    async drop() {
      await db.deleteFrom('apigate_meta').where('key', '=', mark).execute()
    },
  }
}
