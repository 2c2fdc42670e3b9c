import { type ColumnDefinitionBuilder, type CompiledQuery, type Kysely, sql } from 'kysely'
import { Fault } from '#contract/outcome.ts'
import type { Field, Module } from '../schema/module.ts'
import { databaseName } from './database-name.ts'
import type { ColumnShape, SqlDialect } from './dialect.ts'
import { type ModuleTables, moduleTables, type Tables } from './tables.ts'

/** What is brought up to what. */
export interface Site {
  readonly db: Kysely<Tables>
  readonly dialect: SqlDialect
  readonly modules: ReadonlyMap<string, Module>
  /** What was changed, one line each. */
  readonly changes: string[]
  /** The names of the indexes that are there. */
  readonly indexes: ReadonlySet<string>
  /** The names of the tables that are there by now. */
  readonly tables: Set<string>
  /** References that wait for the table that they point to. */
  readonly references: (() => Promise<void>)[]
  /** Tables that are made now, and what is put off for them. */
  readonly making: { readonly tables: Set<string>; readonly statements: CompiledQuery[] }
}

const onDelete = { restrict: 'restrict', cascade: 'cascade', set_null: 'set null' } as const

/** The type of a field's column in this database. */
export const typeOf = (site: Site, field: Field) => sql.raw(site.dialect.columns[field.type.column].type)

/** Adds to a column what it refers to, and what happens when that goes; puts it off where the other table has to be made first. */
export function defineColumn(
  site: Site,
  module: Module,
  field: Field,
  column: ColumnDefinitionBuilder,
): ColumnDefinitionBuilder {
  const target = field.to === undefined ? undefined : site.modules.get(field.to)?.plural
  if (target === undefined) return column
  if (!site.dialect.refersAhead && target !== module.plural && !site.tables.has(target)) {
    site.references.push(async () => {
      await site.db.schema
        .alterTable(module.plural)
        .addForeignKeyConstraint(databaseName(module.plural, field.name, 'fkey'), [field.name], target, [
          'id',
        ])
        .onDelete(onDelete[field.onDelete])
        .execute()
    })
    return column
  }
  return column.references(`${target}.id`).onDelete(onDelete[field.onDelete])
}

/** The stored form of the value that older records take for a field that is new. */
async function valueForOldRecords(site: Site, field: Field): Promise<unknown> {
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

/** Gives records that lack a value the field's default; a required field that still lacks one stops the boot. */
export async function fillRequired(site: Site, module: Module, field: Field): Promise<void> {
  // Computed again as soon as the engine runs.
  if (field.computed !== undefined) return
  const tables = moduleTables(site.db)
  const value = await valueForOldRecords(site, field)
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

/** Adds the column of a field that is new. It may be empty in the database; the engine sees to required fields. */
export async function addColumn(site: Site, module: Module, field: Field): Promise<void> {
  await site.db.schema
    .alterTable(module.plural)
    .addColumn(field.name, typeOf(site, field), (column) => defineColumn(site, module, field, column))
    .execute()
  await fillRequired(site, module, field)
  site.changes.push(`column ${module.plural}.${field.name} added`)
}

/** Refuses what adding cannot mend: another type, a column that must be filled and that nobody fills. */
export function checkColumn(site: Site, module: Module, column: ColumnShape, field: Field | undefined): void {
  const advice = 'put the old definition back, or change the column by a migration'
  const refuse = (what: string): never => {
    throw new Fault('validation_error', `${module.file}: schema.${column.name}: ${what}: ${advice}`)
  }
  if (field === undefined) {
    if (!column.isNullable && !column.hasDefaultValue)
      refuse('was required and is gone, which leaves its column unfilled')
    return
  }
  const codec = site.dialect.columns[field.type.column]
  const wanted = codec.dataType ?? codec.type
  if (column.dataType.toLowerCase() !== wanted)
    refuse(`needs the column type ${wanted}, the table has ${column.dataType.toLowerCase()}`)
  if (!column.isNullable && !field.isRequired)
    refuse('was required, and its column still refuses to be empty')
}
