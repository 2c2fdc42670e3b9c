import { type ColumnMetadata, type Kysely, sql } from 'kysely'
import { Fault } from '#contract/outcome.ts'
import type { Field, Module } from '../schema/module.ts'
import type { SqlDialect } from './dialect.ts'
import { type ModuleTables, moduleTables, type Tables } from './tables.ts'

interface Site {
  readonly db: Kysely<Tables>
  readonly dialect: SqlDialect
  readonly modules: ReadonlyMap<string, Module>
  /** What was changed, one line each. */
  readonly changes: string[]
}

/** The fields of a module that have a column. */
export const storedFields = (module: Module): readonly Field[] =>
  [...module.fields.values()].filter((field) => !field.isWriteOnly)

const onDelete = { restrict: 'restrict', cascade: 'cascade', set_null: 'set null' } as const

async function createEngineTables({ db, dialect }: Site): Promise<void> {
  await db.schema
    .createTable('events')
    .ifNotExists()
    .addColumn('seq', sql.raw(dialect.sequence.type), dialect.sequence.define)
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('module', 'text', (column) => column.notNull())
    .addColumn('record_id', 'text', (column) => column.notNull())
    .addColumn('organization_id', 'text')
    .addColumn('data', 'text', (column) => column.notNull())
    .addColumn('at', 'text', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('idempotency_records')
    .ifNotExists()
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('fingerprint', 'text', (column) => column.notNull())
    .addColumn('status', 'integer', (column) => column.notNull())
    .addColumn('headers', 'text', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('idempotency_records_key', ['actor', 'key'])
    .execute()
  await createIndex(db, 'idempotency_records', ['created_at'], false)
}

async function createIndex(
  db: Kysely<Tables>,
  table: string,
  columns: readonly string[],
  isUnique: boolean,
): Promise<void> {
  const name = `${isUnique ? 'uniq' : 'idx'}_${table}_${columns.join('_')}`
  const index = db.schema
    .createIndex(name)
    .ifNotExists()
    .on(table)
    .columns([...columns])
  await (isUnique ? index.unique() : index).execute()
}

function typeOf(site: Site, field: Field) {
  return sql.raw(site.dialect.columns[field.type.column].type)
}

function targetOf(site: Site, field: Field): string | undefined {
  return field.to === undefined ? undefined : site.modules.get(field.to)?.plural
}

async function createTable(site: Site, module: Module): Promise<void> {
  let table = site.db.schema.createTable(module.plural)
  for (const field of storedFields(module)) {
    table = table.addColumn(field.name, typeOf(site, field), (start) => {
      let column = start
      if (field.name === 'id') column = column.primaryKey()
      if (field.isRequired) column = column.notNull()
      const target = targetOf(site, field)
      return target === undefined
        ? column
        : column.references(`${target}.id`).onDelete(onDelete[field.onDelete])
    })
  }
  await table.execute()
  site.changes.push(`table ${module.plural} created`)
}

/** The stored form of the value that older records take for a field that is new. */
async function valueForOldRecords(site: Site, module: Module, field: Field): Promise<unknown> {
  if (field.default === undefined || field.default === null) return null
  if (field.default === 'now()' && field.type.name === 'timestamp') return sql.ref('created_at')
  const target = field.to === undefined ? undefined : site.modules.get(field.to)
  if (target === undefined) {
    const { encode } = site.dialect.columns[field.type.column]
    return encode === undefined ? field.default : encode(field.default)
  }
  for (const lookup of [
    'id',
    ...[...target.fields.values()].filter((one) => one.isLookup).map(({ name }) => name),
  ]) {
    const found = await moduleTables(site.db)
      .selectFrom(target.plural)
      .select('id')
      .where(lookup, '=', field.default)
      .executeTakeFirst()
    if (found !== undefined) return found['id']
  }
  return null
}

const hasEmpty = async (tables: Kysely<ModuleTables>, module: Module, field: Field): Promise<boolean> =>
  (await tables
    .selectFrom(module.plural)
    .select('id')
    .where(field.name, 'is', null)
    .limit(1)
    .executeTakeFirst()) !== undefined

async function fillRequired(site: Site, module: Module, field: Field): Promise<void> {
  const tables = moduleTables(site.db)
  const value = await valueForOldRecords(site, module, field)
  if (value !== null) {
    await tables
      .updateTable(module.plural)
      .set({ [field.name]: value })
      .where(field.name, 'is', null)
      .execute()
  }
  if (!field.isRequired || !(await hasEmpty(tables, module, field))) return
  const advice = 'give it a default, or fill the records by a migration first'
  throw new Fault(
    'validation_error',
    `${module.file}: schema.${field.name}: is required, but there are records without a value: ${advice}`,
  )
}

async function addColumn(site: Site, module: Module, field: Field): Promise<void> {
  const target = targetOf(site, field)
  await site.db.schema
    .alterTable(module.plural)
    .addColumn(field.name, typeOf(site, field), (column) =>
      target === undefined ? column : column.references(`${target}.id`).onDelete(onDelete[field.onDelete]),
    )
    .execute()
  await fillRequired(site, module, field)
  site.changes.push(`column ${module.plural}.${field.name} added`)
}

/** Refuses what adding cannot mend: another type, a column that must be filled and that nobody fills. */
function checkColumn(site: Site, module: Module, column: ColumnMetadata, field: Field | undefined): void {
  const advice = 'put the old definition back, or change the column by a migration'
  const refuse = (what: string): never => {
    throw new Fault('validation_error', `${module.file}: schema.${column.name}: ${what}: ${advice}`)
  }
  if (field === undefined) {
    if (!column.isNullable && !column.hasDefaultValue)
      refuse('was required and is gone, which leaves its column unfilled')
    return
  }
  const wanted = site.dialect.columns[field.type.column].type
  if (column.dataType.toLowerCase() !== wanted)
    refuse(`needs the column type ${wanted}, the table has ${column.dataType}`)
  if (!column.isNullable && !field.isRequired)
    refuse('was required, and its column still refuses to be empty')
}

async function syncModule(
  site: Site,
  module: Module,
  columns: readonly ColumnMetadata[] | undefined,
): Promise<void> {
  if (columns === undefined) await createTable(site, module)
  else {
    for (const column of columns) {
      const field = module.fields.get(column.name)
      checkColumn(site, module, column, field?.isWriteOnly === true ? undefined : field)
      if (field?.isRequired === true && column.isNullable) await fillRequired(site, module, field)
    }
    const present = new Set(columns.map(({ name }) => name))
    for (const field of storedFields(module))
      if (!present.has(field.name)) await addColumn(site, module, field)
  }
}

async function syncIndexes(site: Site, module: Module): Promise<void> {
  const unique = [...module.unique]
  for (const field of storedFields(module)) {
    if (field.isUnique) unique.push([field.name])
    else if (
      field.isLookup ||
      field.type.name === 'ref' ||
      (field.type.name === 'enum' && field.name === 'status')
    ) {
      await createIndex(site.db, module.plural, [field.name], false)
    }
  }
  for (const columns of unique) {
    try {
      await createIndex(site.db, module.plural, columns, true)
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

/**
 * Brings the tables up to the modules: makes tables, adds columns and indexes, drops nothing, all in one transaction. Answers what it
 * changed, one line each. Throws a Fault that names file and field where adding is not enough.
 */
export async function syncSchema(
  db: Kysely<Tables>,
  dialect: SqlDialect,
  modules: ReadonlyMap<string, Module>,
): Promise<readonly string[]> {
  return db.transaction().execute(async (transaction) => {
    const site: Site = { db: transaction, dialect, modules, changes: [] }
    await createEngineTables(site)
    const present = new Map(
      (await transaction.introspection.getTables()).map((table) => [table.name, table.columns]),
    )
    const ordered = byReference(modules)
    for (const module of ordered) await syncModule(site, module, present.get(module.plural))
    for (const module of ordered) await syncIndexes(site, module)
    return site.changes
  })
}
