import type { Kysely } from 'kysely'
import { accept, Fault, type Outcome, refuse } from '#contract/outcome.ts'
import type { Cipher } from '#ports/cipher.ts'
import type { Clock } from '#ports/clock.ts'
import type { Transaction } from '../engine.ts'
import type { IdempotencyTable, Tables } from '../storage/tables.ts'

const lifetimeMs = 24 * 60 * 60_000
const abandonedMs = 60_000
const purgeEveryMs = 60_000
/** The status of a record whose request has not been answered yet. */
const started = 0

/** What makes two requests the same one. */
export interface IdempotentRequest {
  readonly actor: string
  readonly key: string
  /** A digest of method, path and body. */
  readonly fingerprint: string
}

/** An answer as it was given, to be given again. */
export interface StoredAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** The right to do the work of a request; `takenAt` tells this holder from one that takes over later. */
interface Claim extends IdempotentRequest {
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
}

const mismatch = refuse('idempotency_mismatch', 'This Idempotency-Key was used with another request')
const running = refuse('idempotency_conflict', 'A request with this Idempotency-Key is still running', {
  retry_after: 1,
})

/** Keeps claims and answers in `idempotency_records` for 24 hours; bodies are sealed, as they may hold a key shown once. */
export function createIdempotency(deps: {
  readonly db: Kysely<Tables>
  readonly cipher: Cipher
  readonly clock: Clock
}): Idempotency {
  const { db, cipher, clock } = deps
  let purgedAt = Number.NEGATIVE_INFINITY

  const purge = async (now: number): Promise<void> => {
    if (now - purgedAt < purgeEveryMs) return
    purgedAt = now
    const before = new Date(now - lifetimeMs).toISOString()
    await db.deleteFrom('idempotency_records').where('created_at', '<=', before).execute()
  }

  /** Puts this holder in the place of a record that expired or was abandoned, unless somebody else was faster. */
  const takeOver = async (stored: IdempotencyTable, request: IdempotentRequest, takenAt: string) => {
    const result = await db
      .updateTable('idempotency_records')
      .set({
        fingerprint: request.fingerprint,
        status: started,
        headers: '{}',
        body: '',
        created_at: takenAt,
      })
      .where('actor', '=', request.actor)
      .where('key', '=', request.key)
      .where('created_at', '=', stored.created_at)
      .where('status', '=', stored.status)
      .executeTakeFirst()
    return result.numUpdatedRows > 0n ? accept({ claim: { ...request, takenAt } }) : running
  }

  return {
    async claim(request) {
      const now = clock.now()
      const takenAt = new Date(now).toISOString()
      await purge(now)
      const inserted = await db
        .insertInto('idempotency_records')
        .values({ ...pick(request), status: started, headers: '{}', body: '', created_at: takenAt })
        .onConflict((conflict) => conflict.columns(['actor', 'key']).doNothing())
        .executeTakeFirst()
      if ((inserted.numInsertedOrUpdatedRows ?? 0n) > 0n) return accept({ claim: { ...request, takenAt } })

      const stored = await db
        .selectFrom('idempotency_records')
        .selectAll()
        .where('actor', '=', request.actor)
        .where('key', '=', request.key)
        .executeTakeFirst()
      if (stored === undefined) return running
      const age = now - Date.parse(stored.created_at)
      if (age >= lifetimeMs) return takeOver(stored, request, takenAt)
      if (stored.fingerprint !== request.fingerprint) return mismatch
      if (stored.status !== started) return accept({ answer: opened(cipher, stored) })
      return age > abandonedMs ? takeOver(stored, request, takenAt) : running
    },

    async complete(transaction, claim, answer) {
      const result = await transaction.db
        .updateTable('idempotency_records')
        .set({
          status: answer.status,
          headers: JSON.stringify(answer.headers),
          body: cipher.seal(answer.body, contextOf(claim)),
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
      await db
        .deleteFrom('idempotency_records')
        .where('actor', '=', claim.actor)
        .where('key', '=', claim.key)
        .where('created_at', '=', claim.takenAt)
        .where('status', '=', started)
        .execute()
    },
  }
}

const pick = ({ actor, key, fingerprint }: IdempotentRequest) => ({ actor, key, fingerprint })

const contextOf = ({ actor, key }: Pick<IdempotentRequest, 'actor' | 'key'>): string =>
  `idempotency_records.body.${actor} ${key}`

function opened(cipher: Cipher, stored: IdempotencyTable): StoredAnswer {
  return {
    status: stored.status,
    headers: JSON.parse(stored.headers) as Record<string, string>,
    body: cipher.open(stored.body, contextOf(stored)),
  }
}
