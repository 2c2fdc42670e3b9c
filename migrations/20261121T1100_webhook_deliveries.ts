import { type Kysely, sql } from 'kysely'

/**
 * How deliveries are found: those that are due, the earliest of each record, each event once for an endpoint, and old ones. The table is
 * that of the module; where no modules were set up there is nothing to find.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const tables = await db.introspection.getTables()
  if (!tables.some(({ name }) => name === 'webhook_deliveries')) return
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
