import { type Kysely, SqliteAdapter, sql } from 'kysely'

/** How many requests of a route took how long, by minute, hour and day: what percentiles are read from. Events from before this migration are not in it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const isSqlite = db.getExecutor().adapter instanceof SqliteAdapter
  // Text is sorted by its bytes on every database.
  const text = isSqlite ? sql`text` : sql`text collate "C"`
  const durations = db.schema
    .createTable('usage_durations')
    .addColumn('granularity', text, (column) => column.notNull())
    .addColumn('start', 'bigint', (column) => column.notNull())
    .addColumn('api_id', text, (column) => column.notNull())
    .addColumn('route_id', text, (column) => column.notNull())
    .addColumn('step', 'integer', (column) => column.notNull())
    .addColumn('requests', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('usage_durations_key', ['granularity', 'start', 'api_id', 'route_id', 'step'])
  await (isSqlite ? durations.modifyEnd(sql`without rowid`) : durations).execute()
}
