import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { knownMigrations, migrate, pendingMigrations } from '#adapters/sql/migrate.ts'
import { type OpenDatabase, openDatabase } from '#adapters/sql/open-database.ts'
import { isPostgres } from '#adapters/sql/postgres-address.ts'
import { Fault } from '#contract/outcome.ts'
import { loadModules } from '#core/schema/load.ts'
import type { Module } from '#core/schema/module.ts'
import { syncSchema } from '#core/storage/sync.ts'
import type { Config } from '../config.ts'

const migrations = resolve(import.meta.dirname, '../../../migrations')

/** A database without an engine on it: what moves whole tables works on. */
export interface OpenTables extends OpenDatabase {
  readonly modules: ReadonlyMap<string, Module>
  /** Makes the tables of the modules, and those of the migrations named. */
  prepare(only: readonly string[]): Promise<void>
}

/** The migrations of this version. */
export const ownMigrations = (): readonly string[] => knownMigrations(migrations)

/** Opens a database as openTables does, and refuses a file that is not there instead of making it. */
export function openExisting(config: Config, dsn: string): Promise<OpenTables> {
  if (isPostgres(dsn) || existsSync(dsn)) return openTables(config, dsn)
  throw new Fault('not_found', `There is no database ${dsn}: name one with --data or --db`)
}

/** Opens the database that a DSN names, with the modules of a configuration; changes nothing. */
export async function openTables(config: Config, dsn: string): Promise<OpenTables> {
  const modules = await loadModules(config.moduleDirectories)
  const database = await openDatabase(dsn)
  return {
    ...database,
    modules,
    prepare: (only) =>
      database.alone(async () => {
        await syncSchema(database.db, database.dialect, modules)
        await migrate(database.db, migrations, new Date(), { only })
        const pending = await pendingMigrations(database.db, migrations)
        const surplus = ownMigrations().filter((name) => !pending.includes(name) && !only.includes(name))
        if (surplus.length > 0)
          throw new Fault(
            'conflict',
            `The database has seen migrations that the backup has not (${surplus.join(', ')}): restore into an empty one`,
          )
      }),
  }
}
