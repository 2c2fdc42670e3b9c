import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { onTestFinished } from 'vitest'
import { openSqlite } from '#adapters/sql/sqlite.ts'
import { temporaryFolder } from '#test/support/module-folder.ts'
import { recordStoreConformance } from './record-store.ts'

recordStoreConformance('SQLite', async () => {
  const path = join(temporaryFolder(), 'a.db')
  const { db, dialect, close } = openSqlite(path)
  onTestFinished(close)
  return {
    db,
    dialect,
    again: async () => {
      const other = openSqlite(path)
      onTestFinished(other.close)
      return other.db
    },
    raw: async () => {
      await sql`pragma wal_checkpoint(truncate)`.execute(db)
      return readFileSync(path)
    },
  }
})
