import { isPostgres, withoutPassword } from '#adapters/sql/postgres-address.ts'
import { loadModules } from '#core/schema/load.ts'
import type { Module } from '#core/schema/module.ts'
import { schemaVersion } from '#core/storage/meta.ts'
import type { Check, Examination } from './check.ts'
import { type DatabaseReader, isUnmade, readDatabase } from './read-database.ts'

/** The database: that it opens, is whole, and has the tables and columns of the modules. */
export const examineDatabase: Examination = async ({ databaseDsn, moduleDirectories }, say) => {
  const name = 'database'
  const shown = withoutPassword(databaseDsn)
  if (isUnmade(databaseDsn)) {
    const message = `${shown} does not exist yet`
    return [
      { name, status: 'warn', message, todo: 'the first start makes it: apigate init, or apigate serve' },
    ]
  }
  const modules = await loadModules(moduleDirectories)
  try {
    return await readDatabase(databaseDsn, async (reader) => {
      say(`checking ${shown} ...`)
      const whole = isPostgres(databaseDsn)
        ? await examineServer(reader, shown)
        : await examineIntegrity(reader, shown)
      if (whole.status === 'fail') return [whole]
      return [whole, (await examineOrigin(reader)) ?? examineSchema(reader, modules.values())]
    })
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    const todo = isPostgres(databaseDsn)
      ? 'see APIGATE_DATABASE_DSN, and that PostgreSQL runs'
      : 'restore it from a backup, or move it away to start empty'
    return [{ name, status: 'fail', message: `${shown} cannot be read: ${detail}`, todo }]
  }
}

/** A server that answers: its version, and whether connections are getting scarce. */
async function examineServer(reader: DatabaseReader, shown: string): Promise<Check> {
  const name = 'database'
  const [row] = await reader.rows(`
    select current_setting('server_version') as version, current_setting('max_connections')::int as most,
      (select count(*) from pg_stat_activity where backend_type = 'client backend') as used`)
  const used = Number(row?.['used'])
  const most = Number(row?.['most'])
  const message = `${shown} answers (PostgreSQL ${row?.['version']}, ${used} of ${most} connections in use)`
  if (used < most * 0.9) return { name, status: 'ok', message }
  return { name, status: 'warn', message, todo: 'raise its max_connections, or lower pool_max in the URL' }
}

async function examineIntegrity(reader: DatabaseReader, path: string): Promise<Check> {
  const name = 'database'
  const rows = await reader.rows('pragma quick_check(5)')
  const problems = rows.map((row) => String(row['quick_check']))
  if (problems.length === 1 && problems[0] === 'ok')
    return { name, status: 'ok', message: `${path} is whole` }
  const message = `${path} is damaged: ${problems.join('; ')}`
  return { name, status: 'fail', message, todo: 'stop the server and restore the file from a backup' }
}

/** What keeps this version from using a database that is whole; undefined when nothing does. */
async function examineOrigin(reader: DatabaseReader): Promise<Check | undefined> {
  const name = 'schema'
  if (!reader.tables.has('apigate_meta')) {
    if (reader.tables.size === 0)
      return { name, status: 'warn', message: 'the database is empty', todo: 'the first start fills it' }
    const message = 'the database belongs to another program'
    return { name, status: 'fail', message, todo: 'name another one with --db' }
  }
  const [mark] = await reader.rows("select value from apigate_meta where key = 'schema_version'")
  if (Number(mark?.['value']) <= schemaVersion) return undefined
  const message = 'the database was written by a newer version of APIGate'
  return {
    name,
    status: 'fail',
    message,
    todo: 'start that version, or restore a backup from before the upgrade',
  }
}

function examineSchema(reader: DatabaseReader, modules: Iterable<Module>): Check {
  const name = 'schema'
  const missing = [...modules].flatMap((module) => missingFrom(reader, module))
  if (missing.length === 0)
    return { name, status: 'ok', message: 'the tables have every field of the modules' }
  const shown = missing.slice(0, 5).join(', ')
  const message = `not there yet: ${shown}${missing.length > 5 ? ` and ${missing.length - 5} more` : ''}`
  return { name, status: 'warn', message, todo: 'apigate migrate adds them; so does the next start' }
}

function missingFrom(reader: DatabaseReader, module: Module): readonly string[] {
  const columns = reader.tables.get(module.plural)
  if (columns === undefined) return [module.plural]
  const stored = [...module.fields.values()].filter((field) => !field.isWriteOnly && !columns.has(field.name))
  return stored.map((field) => `${module.plural}.${field.name}`)
}
