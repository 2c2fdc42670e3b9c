import { type Kysely, PostgresAdapter } from 'kysely'
import type { Tables } from '#core/storage/tables.ts'
import { postgresDialect } from './postgres-dialect.ts'

/** True for a database that many processes write at once; false for a file with one writer at a time. */
// biome-ignore lint/suspicious/noExplicitAny: which tables it has does not matter here
export const isShared = (db: Kysely<any>): boolean => db.getExecutor().adapter instanceof PostgresAdapter

/** Makes a transaction wait for those that write, where it has not waited at its begin. */
// biome-ignore lint/suspicious/noExplicitAny: which tables it has does not matter here
export async function waitForWriters(transaction: Kysely<any>): Promise<void> {
  if (isShared(transaction)) await postgresDialect.lockWriting?.(transaction as Kysely<Tables>)
}

/** The type of a column of text, sorted by its bytes on every database. */
// biome-ignore lint/suspicious/noExplicitAny: which tables it has does not matter here
export const textTypeOf = (db: Kysely<any>): string =>
  isShared(db) ? postgresDialect.columns.text.type : 'text'
