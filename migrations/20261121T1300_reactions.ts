import { type Kysely, SqliteAdapter, sql } from 'kysely'

/**
 * Events that code of the operator's own is still to react to, until it has: with the events themselves, which may be forgotten by then.
 * `queued_at` is when its job was last put into the queue, `failed_at` when it was given up.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Text is sorted by its bytes on every database.
  const text = db.getExecutor().adapter instanceof SqliteAdapter ? sql`text` : sql`text collate "C"`
  await db.schema
    .createTable('reaction_calls')
    .addColumn('reaction', text, (column) => column.notNull())
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('record_id', text, (column) => column.notNull())
    .addColumn('event', text, (column) => column.notNull())
    .addColumn('queued_at', 'bigint')
    .addColumn('failed_at', 'bigint')
    .addPrimaryKeyConstraint('reaction_calls_key', ['reaction', 'seq'])
    .execute()
  await sql`create index reaction_calls_order on reaction_calls (reaction, record_id, seq) where failed_at is null`.execute(
    db,
  )
  await sql`create index reaction_calls_waiting on reaction_calls (seq) where failed_at is null`.execute(db)
  await sql`create index reaction_calls_failed on reaction_calls (failed_at) where failed_at is not null`.execute(
    db,
  )
}
