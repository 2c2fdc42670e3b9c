import type { Kysely, Transaction } from 'kysely'
import type { SqlDialect } from '../storage/dialect.ts'
import type { Tables } from '../storage/tables.ts'

/** Runs work in a transaction of its own, as the only writer of the engine in any process until it is committed or undone. */
export type WriteTurn = <T>(work: (transaction: Transaction<Tables>) => Promise<T>) => Promise<T>

/** Makes the one way into writing transactions of a process. Its writers wait here, so that they do not hold all connections while they wait. */
export function createWriteTurn(db: Kysely<Tables>, dialect: SqlDialect): WriteTurn {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const turn = last.then(() =>
      db.transaction().execute(async (transaction) => {
        await dialect.lockWriting?.(transaction)
        return work(transaction)
      }),
    )
    last = turn.catch(() => undefined)
    return turn
  }
}
