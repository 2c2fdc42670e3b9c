import { statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { Kysely, SqliteDialect } from 'kysely'
import { Fault } from '#contract/outcome.ts'
import type { Tables } from '#core/storage/tables.ts'
import type { OpenDatabase } from './open-database.ts'
import { makePrivateFile } from './private-file.ts'
import { sqliteConnection } from './sqlite-connection.ts'
import { sqliteDialect } from './sqlite-dialect.ts'

const busyTimeoutMs = 5000
const cacheKibibytes = 64_000
/** Above this size a whole check would hold up the start; damage then shows where it is met. */
const fullCheckBytes = 128 * 1024 * 1024

const ours =
  "select (select count(*) from sqlite_master) = 0 or exists (select 1 from sqlite_master where name = 'apigate_meta') as ours"

/** Looks at the file before anything is written to it. */
function inspect(database: DatabaseSync, path: string): void {
  const isOurs = database.prepare(ours).get()?.['ours'] === 1
  if (path !== ':memory:' && statSync(path).size <= fullCheckBytes) {
    const result = database.prepare('pragma quick_check(1)').get()?.['quick_check']
    if (result !== 'ok')
      throw new Fault('internal_error', `its check says: ${String(result).replaceAll(/\s+/g, ' ')}`)
  }
  // The journal mode is written into the file: a file that is not ours stays as it is, for checkDatabase to refuse.
  if (isOurs) database.exec('pragma journal_mode = wal')
}

function explain(path: string, error: unknown): Fault {
  const reason = sqliteDialect.violation(error)
  const detail = error instanceof Error ? error.message : String(error)
  const options = { cause: error }
  if (detail.includes('unable to open')) {
    const advice = 'check that its folder exists and that this user may write there'
    return new Fault('internal_error', `The database ${path} cannot be opened: ${advice}.`, options)
  }
  if (reason?.kind === 'unavailable' && /locked|read-only|full/.test(reason.reason)) {
    const advice = 'stop the other process, or make the file writable, or free space, and start again'
    return new Fault(
      'service_unavailable',
      `The database ${path} cannot be used, ${reason.reason}: ${advice}.`,
      options,
    )
  }
  const advice = 'restore it from a backup, or move it away to start with an empty one'
  return new Fault(
    'internal_error',
    `The database ${path} is damaged or no SQLite file (${detail}): ${advice}.`,
    options,
  )
}

/**
 * Opens (or makes, for its owner alone) the SQLite file at `path`, or a database in memory for `:memory:`. Throws a Fault of one sentence that says what
 * to do when the file is damaged, is no database, or cannot be opened.
 */
export function openSqlite(path: string): OpenDatabase {
  let database: DatabaseSync | undefined
  try {
    makePrivateFile(path)
    database = new DatabaseSync(path, { timeout: busyTimeoutMs, enableForeignKeyConstraints: true })
    inspect(database, path)
    database.exec(
      `pragma synchronous = normal; pragma cache_size = -${cacheKibibytes}; pragma temp_store = memory; pragma foreign_keys = on`,
    )
  } catch (error) {
    if (database?.isOpen) database.close()
    throw explain(path, error)
  }
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: sqliteConnection(database) }) })
  const opened = database
  return {
    db,
    dialect: sqliteDialect,
    // One server holds the data directory, and each transaction the write lock: nobody else is there to keep out.
    alone: (work) => work(),
    isServed: () => Promise.resolve(false),
    close: async () => {
      await db.destroy()
      // The query builder only closes what it has used.
      if (opened.isOpen) opened.close()
    },
  }
}
