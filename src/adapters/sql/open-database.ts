import type { Kysely } from 'kysely'
import type { SqlDialect } from '#core/storage/dialect.ts'
import type { Tables } from '#core/storage/tables.ts'
import { isPostgres } from './postgres-address.ts'
import { openSqlite } from './sqlite.ts'

/** An open database: the query builder on it, what is particular to it, and its end. */
export interface OpenDatabase {
  readonly db: Kysely<Tables>
  readonly dialect: SqlDialect
  /**
   * Calls `wake` soon after other processes have committed events, and whenever some may have been missed; answers how to stop. Absent
   * where a database tells nobody, and only asking finds out.
   */
  readonly listen?: (wake: () => void) => () => void
  /** Runs work that one process at a time may do on this database: bringing it up to a version, filling it for the first time. */
  alone<T>(work: () => Promise<T>): Promise<T>
  /** True while a server of any node listens on it; a file is held by the lock of its data directory instead. */
  isServed(): Promise<boolean>
  close(): Promise<void>
}

/** How many connections one part of a process may hold at once, where a database has connections. */
export interface OpenOptions {
  readonly mostConnections?: number
}

/**
 * Opens the database that a DSN names: the path of a SQLite file, or the URL of a PostgreSQL database. Throws a Fault of one sentence that
 * says what to do when it cannot be used, and never holds its password.
 */
export async function openDatabase(dsn: string, options: OpenOptions = {}): Promise<OpenDatabase> {
  if (!isPostgres(dsn)) return openSqlite(dsn)
  // An instance on SQLite need not load the driver.
  const { openPostgres } = await import('./postgres.ts')
  return openPostgres(dsn, options)
}
