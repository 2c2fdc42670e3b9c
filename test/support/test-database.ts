import { type OpenDatabase, openDatabase } from '#adapters/sql/open-database.ts'
import { openSqlite } from '#adapters/sql/sqlite.ts'
import { emptySchema } from './postgres/schema.ts'

/** The kind of database that this run tests with: `APIGATE_TEST_DATABASE=postgres` chooses PostgreSQL. */
export const testsPostgres = process.env['APIGATE_TEST_DATABASE'] === 'postgres'

/** An empty database of the kind that this run tests with, in memory where that is possible. */
export async function openTestDatabase(): Promise<OpenDatabase> {
  if (!testsPostgres) return openSqlite(':memory:')
  const { url, remove } = await emptySchema()
  const database = await openDatabase(url)
  return {
    ...database,
    async close() {
      await database.close()
      await remove()
    },
  }
}
