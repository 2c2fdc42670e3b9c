import { type Kysely, SqliteAdapter, sql } from 'kysely'

/** How far each synchronization has come, what it has done since it began, and who is at it now. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Text is sorted by its bytes on every database.
  const text = db.getExecutor().adapter instanceof SqliteAdapter ? sql`text` : sql`text collate "C"`
  await db.schema
    .createTable('sync_states')
    .addColumn('job', text, (column) => column.primaryKey().notNull())
    .addColumn('position', text)
    .addColumn('report', text, (column) => column.notNull())
    .addColumn('lease', text)
    .addColumn('lease_until', 'bigint', (column) => column.notNull())
    .execute()
}
