import { type Kysely, sql } from 'kysely'
import { Fault } from '#contract/outcome.ts'
import { createAuditTables } from '../audit/tables.ts'
import type { Module } from '../schema/module.ts'
import { scopeColumn, scopeField } from '../schema/names.ts'
import { databaseName } from './database-name.ts'
import type { ColumnShape, SqlDialect } from './dialect.ts'
import { checkDatabase } from './meta.ts'
import { addColumn, checkColumn, defineColumn, fillRequired, type Site, typeOf } from './sync-columns.ts'
import { storedFields, uniqueSets } from './table.ts'
import type { Tables } from './tables.ts'

async function createEngineTables(site: Site): Promise<void> {
  const { db, dialect } = site
  const text = sql.raw(dialect.columns.text.type)
  await db.schema
    .createTable('events')
    .ifNotExists()
    .addColumn('seq', sql.raw(dialect.sequence.type), dialect.sequence.define)
    .addColumn('id', text, (column) => column.notNull())
    .addColumn('type', text, (column) => column.notNull())
    .addColumn('module', text, (column) => column.notNull())
    .addColumn('record_id', text, (column) => column.notNull())
    .addColumn('organization_id', text)
    .addColumn('data', text, (column) => column.notNull())
    .addColumn('at', text, (column) => column.notNull())
    .execute()
  await dialect.announceEvents?.(db)
  await db.schema
    .createTable('event_cursors')
    .ifNotExists()
    .addColumn('consumer', text, (column) => column.primaryKey().notNull())
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('moved_at', text, (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('idempotency_records')
    .ifNotExists()
    .addColumn('actor', text, (column) => column.notNull())
    .addColumn('key', text, (column) => column.notNull())
    .addColumn('fingerprint', text, (column) => column.notNull())
    .addColumn('status', 'integer', (column) => column.notNull())
    .addColumn('headers', text, (column) => column.notNull())
    .addColumn('body', text, (column) => column.notNull())
    .addColumn('created_at', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('idempotency_records_key', ['actor', 'key'])
    .execute()
  await createIndex(site, 'idempotency_records', ['created_at'], false)
  await createAuditTables(db, dialect, site.tables)
}

const indexName = (table: string, columns: readonly string[], isUnique: boolean): string =>
  databaseName(isUnique ? 'uniq' : 'idx', table, ...columns)

async function createIndex(
  { db, indexes, making }: Pick<Site, 'db' | 'indexes' | 'making'>,
  table: string,
  columns: readonly string[],
  isUnique: boolean,
): Promise<void> {
  const name = indexName(table, columns, isUnique)
  // Asking the database to make one that is there locks the table, which running servers would notice.
  if (indexes.has(name)) return
  const index = db.schema
    .createIndex(name)
    .ifNotExists()
    .on(table)
    .columns([...columns])
  const one = isUnique ? index.unique() : index
  // What is empty cannot be at odds with it.
  if (making.tables.has(table)) making.statements.push(one.compile())
  else await one.execute()
}

function createTable(site: Site, module: Module): void {
  let table = site.db.schema.createTable(module.plural)
  for (const field of storedFields(module)) {
    table = table.addColumn(field.name, typeOf(site, field), (start) => {
      const column = field.name === 'id' ? start.primaryKey() : start
      return defineColumn(site, module, field, field.isRequired ? column.notNull() : column)
    })
  }
  site.making.statements.push(table.compile())
  site.making.tables.add(module.plural)
  site.tables.add(module.plural)
  site.changes.push(`table ${module.plural} created`)
}

async function syncColumns(site: Site, module: Module, columns: readonly ColumnShape[]): Promise<void> {
  for (const column of columns) {
    const field = module.fields.get(column.name)
    checkColumn(site, module, column, field?.isWriteOnly === true ? undefined : field)
    if (field?.isRequired === true && column.isNullable) await fillRequired(site, module, field)
  }
  const present = new Set(columns.map(({ name }) => name))
  for (const field of storedFields(module)) if (!present.has(field.name)) await addColumn(site, module, field)
}

/** Does what was put off: in one go where the database takes that, because every round trip delays the start. */
async function make({ db, dialect, making }: Site): Promise<void> {
  const statements = making.statements.splice(0)
  if (statements.length === 0) return
  if (dialect.takesScripts) await sql.raw(statements.map((one) => one.sql).join(';\n')).execute(db)
  else for (const one of statements) await db.executeQuery(one)
}

async function syncIndexes(site: Site, module: Module): Promise<void> {
  const unique = uniqueSets(module)
  // What lists are most often sorted by: without it, every page would cost as much as the whole table.
  await createIndex(site, module.plural, ['created_at', 'id'], false)
  if (scopeColumn(module) === scopeField) await createIndex(site, module.plural, [scopeField, 'id'], false)
  for (const field of storedFields(module)) {
    if (field.name === scopeField && module.scope === 'organization') continue
    if (unique.some(([first, ...more]) => first === field.name && more.length === 0)) continue
    if (
      field.isLookup ||
      field.isIndexed ||
      field.type.name === 'ref' ||
      (field.type.name === 'enum' && field.name === 'status')
    ) {
      await createIndex(site, module.plural, [field.name], false)
    }
    // A module that came to belong to organizations was unique over all of them, which would tell one what another has.
    const former = indexName(module.plural, [field.name], true)
    if (field.isUnique && scopeColumn(module) === scopeField && site.indexes.has(former))
      await site.db.schema.dropIndex(former).execute()
  }
  for (const columns of unique) {
    try {
      await createIndex(site, module.plural, columns, true)
    } catch (cause) {
      if (site.dialect.violation(cause)?.kind !== 'unique') throw cause
      const what = `${module.file}: schema.${columns[0]}: is unique, but there are records with the same ${columns.join(', ')}`
      throw new Fault('validation_error', `${what}: make them differ first`, { cause })
    }
  }
}

/** Modules so that each comes after those it refers to, as far as that is possible. */
function byReference(modules: ReadonlyMap<string, Module>): readonly Module[] {
  const ordered = new Set<Module>()
  const visited = new Set<Module>()
  const visit = (module: Module): void => {
    if (visited.has(module)) return
    visited.add(module)
    for (const { to } of module.fields.values()) {
      const target = to === undefined ? undefined : modules.get(to)
      if (target !== undefined) visit(target)
    }
    ordered.add(module)
  }
  for (const module of modules.values()) visit(module)
  return [...ordered]
}

/** Undoes what was only tried. */
class Tried extends Error {
  readonly changes: readonly string[]
  constructor(changes: readonly string[]) {
    super('only tried')
    this.changes = changes
  }
}

/**
 * Brings the tables up to the modules: makes tables, adds columns and indexes, drops nothing, all in one transaction. Answers what it
 * changed, one line each; `isDryRun` does all of it and undoes it. Refuses a database that is not ours or newer (checkDatabase). Throws a Fault
 * that names file and field where adding is not enough.
 */
export async function syncSchema(
  db: Kysely<Tables>,
  dialect: SqlDialect,
  modules: ReadonlyMap<string, Module>,
  { isDryRun = false } = {},
): Promise<readonly string[]> {
  try {
    return await db.transaction().execute(async (transaction) => {
      await dialect.lockWriting?.(transaction)
      await checkDatabase(transaction, dialect)
      const changes = await bringUp(transaction, dialect, modules)
      if (isDryRun) throw new Tried(changes)
      return changes
    })
  } catch (error) {
    if (error instanceof Tried) return error.changes
    throw error
  }
}

async function bringUp(
  db: Kysely<Tables>,
  dialect: SqlDialect,
  modules: ReadonlyMap<string, Module>,
): Promise<readonly string[]> {
  const present = await dialect.inspect(db)
  const site: Site = {
    db,
    dialect,
    modules,
    changes: [],
    indexes: present.indexes,
    tables: new Set(present.tables.keys()),
    references: [],
    making: { tables: new Set(), statements: [] },
  }
  await createEngineTables(site)
  const ordered = byReference(modules)
  for (const module of ordered) if (!present.tables.has(module.plural)) createTable(site, module)
  await make(site)
  for (const module of ordered) {
    const columns = present.tables.get(module.plural)
    if (columns !== undefined) await syncColumns(site, module, columns)
  }
  for (const refer of site.references) await refer()
  for (const module of ordered) await syncIndexes(site, module)
  await make(site)
  const descriptions = ordered.map(
    ({ plural, meta }) => [plural, meta.description || meta.displayPlural] as const,
  )
  await dialect.describeTables?.(db, new Map(descriptions))
  const scopes = ordered.flatMap((module) => {
    const column = scopeColumn(module)
    return column === undefined ? [] : [[module.plural, column] as const]
  })
  await dialect.protectOrganizations?.(db, new Map(scopes))
  return site.changes
}
