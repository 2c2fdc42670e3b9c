import { type Kysely, SqliteAdapter, sql } from 'kysely'

/**
 * Jobs of the queue on our own database, and how far each recurring schedule has come. `due_at` is when a job may be taken: for one that
 * waits the time it was asked for, for one that runs the end of its lease, so that one index finds both.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Text is sorted by its bytes on every database.
  const text = db.getExecutor().adapter instanceof SqliteAdapter ? sql`text` : sql`text collate "C"`
  await db.schema
    .createTable('jobs')
    .addColumn('id', text, (column) => column.primaryKey().notNull())
    .addColumn('name', text, (column) => column.notNull())
    .addColumn('payload', text, (column) => column.notNull())
    .addColumn('state', text, (column) => column.notNull())
    .addColumn('due_at', 'bigint', (column) => column.notNull())
    .addColumn('attempt', 'bigint', (column) => column.notNull())
    .addColumn('attempts', 'bigint', (column) => column.notNull())
    .addColumn('dedupe_key', text)
    .addColumn('lease', text)
    .addColumn('error', text)
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .execute()
  await sql`create index jobs_due on jobs (due_at, id) where state <> 'dead'`.execute(db)
  await sql`create index jobs_dead on jobs (updated_at) where state = 'dead'`.execute(db)
  await sql`create unique index jobs_dedupe on jobs (name, dedupe_key) where state <> 'dead' and dedupe_key is not null`.execute(
    db,
  )
  await db.schema
    .createTable('job_schedules')
    .addColumn('schedule', text, (column) => column.primaryKey().notNull())
    .addColumn('last_at', 'bigint', (column) => column.notNull())
    .execute()
}
