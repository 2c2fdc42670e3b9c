import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Kysely, sql } from 'kysely'
import { Fault } from '#contract/outcome.ts'
import { isShared, textTypeOf, waitForWriters } from './kind.ts'

interface MigrationTables {
  apigate_migrations: { name: string; applied_at: string }
}

const migrationFile = /^\d{8}T\d{4}_[a-z0-9_]+\.ts$/

/** The names of the migrations of this version, oldest first. */
export const knownMigrations = (directory: string): readonly string[] =>
  readdirSync(directory)
    .filter((file) => migrationFile.test(file))
    .sort()
    .map((file) => file.slice(0, -'.ts'.length))

/** The names of the migrations that a database has not seen. Refuses a database that a newer version has changed. */
export async function pendingMigrations<T>(
  database: Kysely<T>,
  directory: string,
): Promise<readonly string[]> {
  const names = knownMigrations(directory)
  const db = database as unknown as Kysely<MigrationTables>
  if (!(await isThere(db))) return names
  const applied = new Set(
    (await db.selectFrom('apigate_migrations').select('name').execute()).map(({ name }) => name),
  )
  refuseNewer(applied, new Set(names))
  return names.filter((name) => !applied.has(name))
}

/**
 * Brings a database up to this version: runs the migrations that it has not seen, oldest first, all in one transaction, and
 * answers their names; `only` leaves others for later. Refuses a database that a newer version has changed. Several processes may call it at once.
 */
export async function migrate<T>(
  database: Kysely<T>,
  directory: string,
  now: Date,
  options: { readonly only?: readonly string[] } = {},
): Promise<readonly string[]> {
  const names = knownMigrations(directory)
  const migrations = await Promise.all(names.map(async (name) => ({ name, up: await load(directory, name) })))
  return (database as unknown as Kysely<MigrationTables>).transaction().execute(async (transaction) => {
    await waitForWriters(transaction)
    const text = sql.raw(textTypeOf(transaction))
    await transaction.schema
      .createTable('apigate_migrations')
      .ifNotExists()
      .addColumn('name', text, (column) => column.primaryKey().notNull())
      .addColumn('applied_at', text, (column) => column.notNull())
      .execute()
    const rows = await transaction.selectFrom('apigate_migrations').select('name').execute()
    const applied = new Set(rows.map((row) => row.name))
    refuseNewer(applied, new Set(names))
    const missing = migrations.filter(
      ({ name }) => !applied.has(name) && options.only?.includes(name) !== false,
    )
    for (const { name, up } of missing) {
      await up(transaction as unknown as Kysely<unknown>)
      await transaction
        .insertInto('apigate_migrations')
        .values({ name, applied_at: now.toISOString() })
        .execute()
    }
    return missing.map(({ name }) => name)
  })
}

/** Whether this database or, where it has several, its own schema, has seen a migration. */
async function isThere(db: Kysely<MigrationTables>): Promise<boolean> {
  const { rows } = isShared(db)
    ? await sql`select 1 where to_regclass('apigate_migrations') is not null`.execute(db)
    : await sql`select 1 from sqlite_master where name = 'apigate_migrations'`.execute(db)
  return rows.length > 0
}

type Up = (database: Kysely<unknown>) => Promise<void>

async function load(directory: string, name: string): Promise<Up> {
  const loaded: { up?: unknown } = await import(pathToFileURL(join(directory, `${name}.ts`)).href)
  if (typeof loaded.up !== 'function') throw new Fault('internal_error', `migration ${name} exports no up()`)
  return loaded.up as Up
}

function refuseNewer(applied: ReadonlySet<string>, known: ReadonlySet<string>): void {
  const unknown = [...applied].filter((name) => !known.has(name)).sort()
  if (unknown.length === 0) return
  throw new Fault(
    'service_unavailable',
    `the database was changed by a newer version (${unknown.join(', ')}): start that version, or restore a backup made before it`,
  )
}
