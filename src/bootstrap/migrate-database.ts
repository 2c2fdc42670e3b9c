import { existsSync, mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { migrate, pendingMigrations } from '#adapters/sql/migrate.ts'
import { openDatabase } from '#adapters/sql/open-database.ts'
import { isPostgres } from '#adapters/sql/postgres-address.ts'
import { loadModules } from '#core/schema/load.ts'
import { syncSchema } from '#core/storage/sync.ts'
import type { Config } from './config.ts'

const migrations = resolve(import.meta.dirname, '../../migrations')

/**
 * Brings the tables of an instance up to its modules and this version; answers what was changed, one line each. `isDryRun` answers what would be, and
 * changes nothing. Throws a Fault where the database is newer, is not ours, or needs more than adding.
 */
export async function migrateDatabase(config: Config, isDryRun: boolean): Promise<readonly string[]> {
  const modules = await loadModules(config.moduleDirectories)
  const isUnmade = !isPostgres(config.databaseDsn) && !existsSync(config.databaseDsn)
  if (!isDryRun) mkdirSync(config.dataDirectory, { recursive: true, mode: 0o700 })
  const { db, dialect, alone, close } = await openDatabase(
    isUnmade && isDryRun ? ':memory:' : config.databaseDsn,
  )
  try {
    return await alone(async () => {
      const changes = await syncSchema(db, dialect, modules, { isDryRun })
      const names = isDryRun
        ? await pendingMigrations(db, migrations)
        : await migrate(db, migrations, new Date())
      return [...changes, ...names.map((name) => `migration ${name}${isDryRun ? '' : ' run'}`)]
    })
  } finally {
    await close()
  }
}
