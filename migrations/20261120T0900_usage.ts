import { type CreateTableBuilder, type Kysely, type RawBuilder, SqliteAdapter, sql } from 'kysely'

const sourceTexts = [
  'organization_id',
  'subscription_id',
  'api_id',
  'plan_id',
  'api_key_id',
  'route_id',
] as const
const eventCounts = ['status', 'units', 'request_bytes', 'response_bytes', 'duration_ms'] as const
const rollupSums = ['requests', 'units', 'errors', 'request_bytes', 'response_bytes', 'duration_ms'] as const

/**
 * Usage events (append-only), the sources that they share (who called what), their rollups, and how far each journal segment
 * has been taken over. Events and rollups name their source by its number, and lie in the order in which they are read.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const text = textOf(db)
  await createSources(db)
  const events = db.schema
    .createTable('usage_events')
    .addColumn('source_id', 'bigint', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('id', text, (column) => column.notNull())
    .addColumn('request_id', text)
    .addColumn('method', text, (column) => column.notNull())
    .addColumn('path', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('usage_events_key', ['source_id', 'at', 'id'])
  await clustered(db, withColumns(events, 'bigint', eventCounts)).execute()
  const rollups = db.schema
    .createTable('usage_rollups')
    .addColumn('granularity', text, (column) => column.notNull())
    .addColumn('start', 'bigint', (column) => column.notNull())
    .addColumn('source_id', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('usage_rollups_key', ['granularity', 'start', 'source_id'])
  await clustered(db, withColumns(rollups, 'bigint', rollupSums)).execute()
  await db.schema
    .createTable('usage_journal_positions')
    .addColumn('segment', text, (column) => column.primaryKey().notNull())
    .addColumn('offset', 'bigint', (column) => column.notNull())
    .execute()
}

async function createSources(db: Kysely<unknown>): Promise<void> {
  const sources = db.schema
    .createTable('usage_sources')
    // On SQLite this very type makes the number the row's own place; elsewhere numbers come from a sequence.
    .addColumn('id', isSqlite(db) ? 'integer' : 'bigint', (column) =>
      isSqlite(db) ? column.primaryKey() : column.primaryKey().generatedByDefaultAsIdentity(),
    )
  await withColumns(sources, textOf(db), sourceTexts)
    .addUniqueConstraint('usage_sources_unique', [...sourceTexts])
    .execute()
  await db.schema
    .createIndex('usage_sources_subscription')
    .on('usage_sources')
    .column('subscription_id')
    .execute()
}

function withColumns<T extends string>(
  table: CreateTableBuilder<T, string>,
  type: 'bigint' | RawBuilder<unknown>,
  names: readonly string[],
): CreateTableBuilder<T, string> {
  let wider = table
  for (const name of names) wider = wider.addColumn(name, type, (column) => column.notNull())
  return wider
}

/** Text is sorted by its bytes on every database. */
const textOf = (db: Kysely<unknown>) => (isSqlite(db) ? sql`text` : sql`text collate "C"`)

const isSqlite = (db: Kysely<unknown>): boolean => db.getExecutor().adapter instanceof SqliteAdapter

/** SQLite keeps a table with a key of several columns twice unless told otherwise. */
function clustered<T extends string>(db: Kysely<unknown>, table: CreateTableBuilder<T, string>) {
  return isSqlite(db) ? table.modifyEnd(sql`without rowid`) : table
}
