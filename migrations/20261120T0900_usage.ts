import { type CreateTableBuilder, type Kysely, SqliteAdapter, sql } from 'kysely'

const eventTexts = [
  'request_id',
  'organization_id',
  'api_id',
  'subscription_id',
  'plan_id',
  'api_key_id',
  'route_id',
  'method',
  'path',
] as const
const eventCounts = ['status', 'units', 'request_bytes', 'response_bytes', 'duration_ms'] as const
const rollupKey = ['granularity', 'start', 'subscription_id', 'api_key_id', 'route_id'] as const
const rollupSums = ['requests', 'units', 'errors', 'request_bytes', 'response_bytes', 'duration_ms'] as const

/** Usage events (append-only), their rollups, and how far each journal segment has been taken over. */
export async function up(db: Kysely<unknown>): Promise<void> {
  let events = db.schema
    .createTable('usage_events')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
  for (const name of eventTexts) events = events.addColumn(name, 'text', (column) => column.notNull())
  for (const name of eventCounts) events = events.addColumn(name, 'bigint', (column) => column.notNull())
  await clustered(db, events).execute()
  await db.schema
    .createIndex('usage_events_subscription')
    .on('usage_events')
    .columns(['subscription_id', 'at'])
    .execute()
  await db.schema
    .createIndex('usage_events_organization')
    .on('usage_events')
    .columns(['organization_id', 'at'])
    .execute()

  let rollups = db.schema
    .createTable('usage_rollups')
    .addColumn('granularity', 'text', (column) => column.notNull())
    .addColumn('start', 'bigint', (column) => column.notNull())
  for (const name of ['subscription_id', 'api_key_id', 'route_id', 'organization_id', 'api_id', 'plan_id']) {
    rollups = rollups.addColumn(name, 'text', (column) => column.notNull())
  }
  for (const name of rollupSums) rollups = rollups.addColumn(name, 'bigint', (column) => column.notNull())
  await clustered(db, rollups.addPrimaryKeyConstraint('usage_rollups_key', [...rollupKey])).execute()

  await db.schema
    .createTable('usage_journal_positions')
    .addColumn('segment', 'text', (column) => column.primaryKey().notNull())
    .addColumn('offset', 'bigint', (column) => column.notNull())
    .execute()
}

/** SQLite keeps a table with a text key twice unless told otherwise. */
function clustered<T extends string>(db: Kysely<unknown>, table: CreateTableBuilder<T, string>) {
  return db.getExecutor().adapter instanceof SqliteAdapter ? table.modifyEnd(sql`without rowid`) : table
}
