import { sql } from 'kysely'
import { onTestFinished } from 'vitest'
import { openDatabase } from '#adapters/sql/open-database.ts'
import { emptySchema } from '#test/support/postgres/schema.ts'
import { recordStoreConformance } from './record-store.ts'

recordStoreConformance('PostgreSQL', async () => {
  const { url, remove } = await emptySchema()
  onTestFinished(remove)
  const { db, dialect, close } = await openDatabase(url)
  onTestFinished(close)
  return {
    db,
    dialect,
    again: async () => {
      const other = await openDatabase(url)
      onTestFinished(other.close)
      return other.db
    },
    raw: async () => {
      const { rows } = await sql<{
        all: string
      }>`select schema_to_xml(current_schema(), true, false, '') as all`.execute(db)
      return Buffer.from(rows[0]?.all ?? '')
    },
  }
})
