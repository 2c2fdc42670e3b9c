import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { loadModules } from '#core/schema/load.ts'
import type { Module } from '#core/schema/module.ts'
import { schemaVersion } from '#core/storage/meta.ts'
import type { Check, Examination } from './check.ts'

const busyTimeoutMs = 5000

/** The database file: that it opens, is whole, and has the tables and columns of the modules. */
export const examineDatabase: Examination = async ({ databasePath, moduleDirectories }, say) => {
  const name = 'database'
  if (!existsSync(databasePath)) {
    const message = `${databasePath} does not exist yet`
    return [
      { name, status: 'warn', message, todo: 'the first start makes it: apigate init, or apigate serve' },
    ]
  }
  const modules = await loadModules(moduleDirectories)
  try {
    return withDatabase(databasePath, (database) => {
      say(`checking ${databasePath} ...`)
      const whole = examineIntegrity(database, databasePath)
      if (whole.status === 'fail') return [whole]
      return [whole, examineOrigin(database) ?? examineSchema(database, modules.values())]
    })
  } catch (error) {
    const message = `${databasePath} cannot be read: ${error instanceof Error ? error.message : String(error)}`
    return [
      { name, status: 'fail', message, todo: 'restore it from a backup, or move it away to start empty' },
    ]
  }
}

/** Opens the file for reading alone, for as long as `look` takes. */
export function withDatabase<T>(path: string, look: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(path, { readOnly: true, timeout: busyTimeoutMs })
  try {
    return look(database)
  } finally {
    database.close()
  }
}

/** True when the database has a table of that name. */
export function hasTable(database: DatabaseSync, table: string): boolean {
  const found = database.prepare("select 1 from sqlite_master where type = 'table' and name = ?").get(table)
  return found !== undefined
}

function examineIntegrity(database: DatabaseSync, path: string): Check {
  const name = 'database'
  const problems = database
    .prepare('pragma quick_check(5)')
    .all()
    .map((row) => String(row['quick_check']))
  if (problems.length === 1 && problems[0] === 'ok')
    return { name, status: 'ok', message: `${path} is whole` }
  const message = `${path} is damaged: ${problems.join('; ')}`
  return { name, status: 'fail', message, todo: 'stop the server and restore the file from a backup' }
}

/** What keeps this version from using a database that is whole; undefined when nothing does. */
function examineOrigin(database: DatabaseSync): Check | undefined {
  const name = 'schema'
  if (!hasTable(database, 'apigate_meta')) {
    const isEmpty = database.prepare('select count(*) as tables from sqlite_master').get()?.['tables'] === 0
    if (isEmpty)
      return { name, status: 'warn', message: 'the database is empty', todo: 'the first start fills it' }
    const message = 'the database belongs to another program'
    return { name, status: 'fail', message, todo: 'name another file with --db' }
  }
  const mark = database.prepare("select value from apigate_meta where key = 'schema_version'").get()
  if (Number(mark?.['value']) <= schemaVersion) return undefined
  const message = 'the database was written by a newer version of APIGate'
  return {
    name,
    status: 'fail',
    message,
    todo: 'start that version, or restore a backup from before the upgrade',
  }
}

function examineSchema(database: DatabaseSync, modules: Iterable<Module>): Check {
  const name = 'schema'
  const missing = [...modules].flatMap((module) => missingFrom(database, module))
  if (missing.length === 0)
    return { name, status: 'ok', message: 'the tables have every field of the modules' }
  const shown = missing.slice(0, 5).join(', ')
  const message = `not there yet: ${shown}${missing.length > 5 ? ` and ${missing.length - 5} more` : ''}`
  return { name, status: 'warn', message, todo: 'apigate migrate adds them; so does the next start' }
}

function missingFrom(database: DatabaseSync, module: Module): readonly string[] {
  const columns = new Set(
    database
      .prepare('select name from pragma_table_info(?)')
      .all(module.plural)
      .map((row) => row['name']),
  )
  if (columns.size === 0) return [module.plural]
  const stored = [...module.fields.values()].filter((field) => !field.isWriteOnly && !columns.has(field.name))
  return stored.map((field) => `${module.plural}.${field.name}`)
}
