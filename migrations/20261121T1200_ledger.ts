import { type Kysely, SqliteAdapter, sql } from 'kysely'

const logTables = ['ledger_entries', 'ledger_rows'] as const

/**
 * The ledger: entries that happened once (their key is unique), their rows (debits positive, credits negative), and the balance of each
 * account as the sum of its rows. The database itself refuses to change or delete an entry or a row. Also: who holds which lease, and how
 * far late usage has been looked through.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const isSqlite = db.getExecutor().adapter instanceof SqliteAdapter
  // Text is sorted by its bytes on every database.
  const text = isSqlite ? sql`text` : sql`text collate "C"`
  await db.schema
    .createTable('ledger_entries')
    .addColumn('key', text, (column) => column.primaryKey().notNull())
    .addColumn('kind', text, (column) => column.notNull())
    .addColumn('currency', text, (column) => column.notNull())
    .addColumn('reference', text, (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema
    .createIndex('ledger_entries_reference')
    .on('ledger_entries')
    .columns(['reference', 'at'])
    .execute()
  await db.schema
    .createTable('ledger_rows')
    .addColumn('entry_key', text, (column) => column.notNull())
    .addColumn('position', 'integer', (column) => column.notNull())
    .addColumn('account', text, (column) => column.notNull())
    .addColumn('currency', text, (column) => column.notNull())
    .addColumn('amount', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('ledger_rows_key', ['entry_key', 'position'])
    .execute()
  await db.schema
    .createIndex('ledger_rows_account')
    .on('ledger_rows')
    .columns(['account', 'currency'])
    .execute()
  await db.schema
    .createTable('ledger_balances')
    .addColumn('account', text, (column) => column.notNull())
    .addColumn('currency', text, (column) => column.notNull())
    .addColumn('balance', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('ledger_balances_key', ['account', 'currency'])
    .execute()
  await db.schema
    .createTable('leases')
    .addColumn('name', text, (column) => column.primaryKey().notNull())
    .addColumn('holder', text, (column) => column.notNull())
    .addColumn('until', 'bigint', (column) => column.notNull())
    .execute()
  await sql`create index usage_late_subscription on usage_late (subscription_id, arrival)`.execute(db)
  await (isSqlite ? protectOnSqlite(db) : protectOnPostgres(db))
}

async function protectOnSqlite(db: Kysely<unknown>): Promise<void> {
  for (const table of logTables)
    for (const change of ['update', 'delete'])
      await sql`create trigger ${sql.table(`${table}_no_${change}`)} before ${sql.raw(change)} on ${sql.table(table)}
        begin select raise(abort, 'the ledger is append-only'); end`.execute(db)
}

async function protectOnPostgres(db: Kysely<unknown>): Promise<void> {
  await sql`
    create or replace function apigate_refuse_ledger_change() returns trigger language plpgsql as
    ${sql.lit("begin raise exception 'the ledger is append-only'; end")}`.execute(db)
  for (const table of logTables) {
    await sql`create trigger ${sql.table(`${table}_kept`)} before update or delete on ${sql.table(table)}
      for each row execute function apigate_refuse_ledger_change()`.execute(db)
    await sql`create trigger ${sql.table(`${table}_whole`)} before truncate on ${sql.table(table)}
      for each statement execute function apigate_refuse_ledger_change()`.execute(db)
  }
}
