import { type Kysely, SqliteAdapter, sql } from 'kysely'

/** Until when the lists of payment providers were looked through. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const text = db.getExecutor().adapter instanceof SqliteAdapter ? sql`text` : sql`text collate "C"`
  await db.schema
    .createTable('payment_looks')
    .addColumn('list', text, (column) => column.primaryKey().notNull())
    .addColumn('until', 'bigint', (column) => column.notNull())
    .execute()
}
