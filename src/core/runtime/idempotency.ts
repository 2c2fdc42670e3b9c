import type { Kysely } from 'kysely'
import { accept, Fault, type Outcome, refuse } from '#contract/outcome.ts'
import type { Cipher } from '#ports/cipher.ts'
import type { Clock } from '#ports/clock.ts'
import type { TokenDigest } from '#ports/hashing.ts'
import type { Transaction } from '../engine.ts'
import type { SqlDialect } from '../storage/dialect.ts'
import type { IdempotencyTable, Tables } from '../storage/tables.ts'
import { whileAvailable } from '../storage/violation.ts'

const lifetimeMs = 24 * 60 * 60_000
const abandonedMs = 60_000
const purgeEveryMs = 60_000
/** The status of a record whose request has not been answered yet. */
const started = 0

/** What makes two requests the same one. */
export interface IdempotentRequest {
  readonly actor: string
  readonly key: string
  /** Method, path and body as one text. It may hold a password, so that only a keyed digest of it is stored. */
  readonly content: string
}

/** An answer as it was given, to be given again. */
export interface StoredAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** The right to do the work of a request; `takenAt` tells this holder from one that takes over later. */
interface Claim {
  readonly actor: string
  readonly key: string
  readonly takenAt: string
}

/** Claims requests by their Idempotency-Key, so that each is done once and answered the same from then on. */
export interface Idempotency {
  /** The claim, or the answer that was given before; refuses a key that is in use for another or a running request. */
  claim(request: IdempotentRequest): Promise<Outcome<{ claim: Claim } | { answer: StoredAnswer }>>
  /** Stores the answer in the transaction of the work; throws when the claim was taken over, which undoes the work. */
  complete(transaction: Transaction, claim: Claim, answer: StoredAnswer): Promise<void>
  /** Gives the key free again after a refusal or a failure. */
  release(claim: Claim): Promise<void>
  /** Deletes what is older than 24 hours. */
  purge(): Promise<void>
}

const mismatch = refuse('idempotency_mismatch', 'This Idempotency-Key was used with another request')
const running = refuse('idempotency_conflict', 'A request with this Idempotency-Key is still running', {
  retry_after: 1,
})

/**
 * Keeps claims and answers in `idempotency_records` for 24 hours; answers are sealed, as they may hold a key shown once. Throws
 * `service_unavailable` while the database cannot be written.
 */
export function createIdempotency(deps: {
  readonly db: Kysely<Tables>
  readonly dialect: SqlDialect
  readonly cipher: Cipher
  readonly tokenDigest: TokenDigest
  readonly clock: Clock
}): Idempotency {
  const { db, dialect, cipher, tokenDigest, clock } = deps
  let purgedAt = Number.NEGATIVE_INFINITY

  const purge = async (now: number): Promise<void> => {
    purgedAt = now
    const before = new Date(now - lifetimeMs).toISOString()
    await db.deleteFrom('idempotency_records').where('created_at', '<=', before).execute()
  }

  /** Puts this holder in the place of a record that expired or was abandoned, unless somebody else was faster. */
  const takeOver = async (stored: IdempotencyTable, claim: Claim, fingerprint: string) => {
    const result = await db
      .updateTable('idempotency_records')
      .set({
        fingerprint,
        status: started,
        headers: '{}',
        body: '',
        created_at: claim.takenAt,
      })
      .where('actor', '=', claim.actor)
      .where('key', '=', claim.key)
      .where('created_at', '=', stored.created_at)
      .where('status', '=', stored.status)
      .executeTakeFirst()
    return result.numUpdatedRows > 0n ? accept({ claim }) : running
  }

  const take = async ({ actor, key, content }: IdempotentRequest): ReturnType<Idempotency['claim']> => {
    const now = clock.now()
    const claim: Claim = { actor, key, takenAt: new Date(now).toISOString() }
    const fingerprint = tokenDigest.digest(content)
    if (now - purgedAt >= purgeEveryMs) await purge(now)
    const inserted = await db
      .insertInto('idempotency_records')
      .values({
        actor,
        key,
        fingerprint,
        status: started,
        headers: '{}',
        body: '',
        created_at: claim.takenAt,
      })
      .onConflict((conflict) => conflict.columns(['actor', 'key']).doNothing())
      .executeTakeFirst()
    if ((inserted.numInsertedOrUpdatedRows ?? 0n) > 0n) return accept({ claim })

    const stored = await db
      .selectFrom('idempotency_records')
      .selectAll()
      .where('actor', '=', actor)
      .where('key', '=', key)
      .executeTakeFirst()
    if (stored === undefined) return running
    const age = now - Date.parse(stored.created_at)
    if (age >= lifetimeMs) return takeOver(stored, claim, fingerprint)
    if (stored.fingerprint !== fingerprint) return mismatch
    if (stored.status !== started) return accept({ answer: opened(cipher, stored) })
    return age > abandonedMs ? takeOver(stored, claim, fingerprint) : running
  }

  return {
    claim: (request) => whileAvailable(dialect, () => take(request)),
    purge: () => whileAvailable(dialect, () => purge(clock.now())),

    async complete(transaction, claim, answer) {
      const result = await transaction.db
        .updateTable('idempotency_records')
        .set({
          status: answer.status,
          headers: JSON.stringify(answer.headers),
          body: cipher.seal(answer.body, answerContext(claim)),
        })
        .where('actor', '=', claim.actor)
        .where('key', '=', claim.key)
        .where('created_at', '=', claim.takenAt)
        .where('status', '=', started)
        .executeTakeFirst()
      if (result.numUpdatedRows > 0n) return
      throw new Fault(
        'idempotency_conflict',
        'the claim of an Idempotency-Key was taken over before the work was done',
      )
    },

    async release(claim) {
      const mine = db
        .deleteFrom('idempotency_records')
        .where('actor', '=', claim.actor)
        .where('key', '=', claim.key)
        .where('created_at', '=', claim.takenAt)
        .where('status', '=', started)
      await whileAvailable(dialect, () => mine.execute())
    },
  }
}

/** What a kept answer is bound to. */
export const answerContext = ({ actor, key }: Pick<Claim, 'actor' | 'key'>): string =>
  `idempotency_records.body.${actor} ${key}`

function opened(cipher: Cipher, stored: IdempotencyTable): StoredAnswer {
  return {
    status: stored.status,
    headers: JSON.parse(stored.headers) as Record<string, string>,
    body: cipher.open(stored.body, answerContext(stored)),
  }
}
