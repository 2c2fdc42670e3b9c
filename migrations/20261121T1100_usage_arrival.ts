import { type Kysely, SqliteAdapter, sql } from 'kysely'

/**
 * The order in which usage became known: every write of events takes the next arrival of the one-row clock, and events of a time that
 * invoices have closed are noted as late. Events from before this migration have arrival 0.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const isSqlite = db.getExecutor().adapter instanceof SqliteAdapter
  // Text is sorted by its bytes on every database.
  const text = isSqlite ? sql`text` : sql`text collate "C"`
  await db.schema
    .createTable('usage_clock')
    .addColumn('id', 'integer', (column) => column.primaryKey().notNull())
    .addColumn('arrival', 'bigint', (column) => column.notNull())
    .addColumn('closed_before', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema
    .alterTable('usage_events')
    .addColumn('arrival', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute()
  const late = db.schema
    .createTable('usage_late')
    .addColumn('arrival', 'bigint', (column) => column.notNull())
    .addColumn('source_id', 'bigint', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('id', text, (column) => column.notNull())
    .addColumn('subscription_id', text, (column) => column.notNull())
    .addColumn('units', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('usage_late_key', ['arrival', 'source_id', 'at', 'id'])
  await (isSqlite ? late.modifyEnd(sql`without rowid`) : late).execute()
}
