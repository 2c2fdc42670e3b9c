import { type Kysely, SqliteAdapter, sql } from 'kysely'

/**
 * How deliveries are found: those that are due, the earliest of each record, each event once for an endpoint, and old ones. The table is
 * that of the module; where no modules were set up there is nothing to find.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  if (!(await hasDeliveries(db))) return
  await sql`create unique index webhook_deliveries_event on webhook_deliveries (endpoint_id, event_id)`.execute(
    db,
  )
  await sql`create index webhook_deliveries_due on webhook_deliveries (next_attempt_at) where state = 'pending'`.execute(
    db,
  )
  await sql`create index webhook_deliveries_endpoint_due on webhook_deliveries (endpoint_id, next_attempt_at, seq) where state = 'pending'`.execute(
    db,
  )
  await sql`create index webhook_deliveries_order on webhook_deliveries (endpoint_id, record_id, seq) where state = 'pending'`.execute(
    db,
  )
  await sql`create index webhook_deliveries_age on webhook_deliveries (created_at)`.execute(db)
}

/** Whether the module's table is there: on PostgreSQL in this very schema, for others of the same database may have one too. */
async function hasDeliveries(db: Kysely<unknown>): Promise<boolean> {
  const isSqlite = db.getExecutor().adapter instanceof SqliteAdapter
  const found = isSqlite
    ? await sql`select 1 from sqlite_schema where type = 'table' and name = 'webhook_deliveries'`.execute(db)
    : await sql`select 1 where to_regclass('webhook_deliveries') is not null`.execute(db)
  return found.rows.length > 0
}
