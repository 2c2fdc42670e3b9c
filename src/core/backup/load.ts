import { type Kysely, sql } from 'kysely'
import { Fault } from '#contract/outcome.ts'
import type { Module } from '../schema/module.ts'
import type { SqlDialect } from '../storage/dialect.ts'
import { schemaVersion } from '../storage/meta.ts'
import { moduleTables, type Tables } from '../storage/tables.ts'
import { pagesOf } from './dump.ts'
import {
  type BackupLine,
  backupFormat,
  type Header,
  type RowsLine,
  type TablePlan,
  type Total,
} from './format.ts'
import { createTally, differenceOf } from './tally.ts'

/** Few enough for the number of parameters that every database takes. */
const mostParameters = 30_000
const mostRows = 500
/** What says how the tables of this very database came to be; it is not replaced by what another one says. */
const ownTables: ReadonlySet<string> = new Set(['apigate_migrations'])

/** Where lines go; its tables are in sync with the modules and the migrations that the header names. */
export interface LoadTarget {
  readonly db: Kysely<Tables>
  readonly dialect: SqlDialect
  readonly modules: ReadonlyMap<string, Module>
  /** Whether what is there may be replaced. */
  readonly mayReplace: boolean
  /** Called in the transaction, when everything is there; what it throws undoes everything. */
  readonly confirm: (transaction: Kysely<Tables>) => Promise<void>
  /** Takes the pieces of usage journals, before the commit. */
  readonly keepJournal: (segment: string, text: string) => void
}

/** Reads the first line; throws a Fault for what this version cannot load. */
export async function takeHeader(
  lines: AsyncGenerator<BackupLine>,
  knownMigrations: readonly string[],
): Promise<Header> {
  const { value } = await lines.next()
  if (value === undefined || !('apigate_backup' in value))
    throw new Fault('validation_error', 'This is no backup of APIGate: its first line does not say so')
  const newer = value.migrations.filter((name: string) => !knownMigrations.includes(name))
  if (value.apigate_backup > backupFormat || value.schema_version > schemaVersion || newer.length > 0)
    throw new Fault(
      'validation_error',
      `The backup was made by a newer version of APIGate (${value.version}): restore it with that version`,
    )
  return value
}

/**
 * Fills a database with the lines of a dump, in one transaction: everything, counted and added up again in the database, or nothing. Refuses one that
 * holds records already. Answers the totals of its tables.
 */
export async function loadDatabase(
  target: LoadTarget,
  header: Header,
  lines: AsyncGenerator<BackupLine>,
): Promise<readonly Total[]> {
  const { dialect } = target
  return dialect.load(target.db, async (db) => {
    await dialect.releaseAudit(db)
    await makeRoom(target, db)
    const fills = await prepareTables(target, db, header.tables)
    const totals = await readTables(header, lines, {
      rows: async (plan, line) => {
        if (!ownTables.has(plan.name)) await insert(db, dialect, plan, line, fills.get(plan.name) ?? [])
      },
      journal: target.keepJournal,
    })
    for (const total of totals) {
      if (ownTables.has(total.table)) continue
      const plan = header.tables.find(({ name }) => name === total.table)
      if (plan !== undefined) await verify(db, dialect, plan, total)
    }
    await target.confirm(db)
    await dialect.protectAudit(db)
    return totals
  })
}

/** Who hears of the lines of a backup as they pass. */
interface Reader {
  rows(plan: TablePlan, line: RowsLine): Promise<void>
  journal(segment: string, text: string): void
}

/** Reads all tables to the last line, and counts, adds up and digests them on the way; throws a Fault when something differs from what the lines say. */
export async function readTables(
  header: Header,
  lines: AsyncGenerator<BackupLine>,
  reader: Reader,
): Promise<readonly Total[]> {
  const plans = new Map(header.tables.map((plan) => [plan.name, plan]))
  const totals: Total[] = []
  let tally: ReturnType<typeof createTally> | undefined
  let isWhole = false
  for await (const line of lines) {
    if ('rows' in line && 'table' in line) {
      const plan = planOf(plans, line)
      tally ??= createTally(plan)
      tally.add(line.rows)
      await reader.rows(plan, line)
    } else if ('count' in line) {
      const difference = differenceOf(line, (tally ?? createTally(planOf(plans, line))).total())
      if (difference !== undefined) throw damaged(difference)
      totals.push(line)
      tally = undefined
    } else if ('journal' in line) reader.journal(line.journal, line.text)
    else if ('end' in line) isWhole = line.tables === totals.length
  }
  if (!isWhole) throw damaged('its end is missing')
  return totals
}

/** Reads a table back and compares all of it with what was to be there. */
async function verify(
  db: Kysely<Tables>,
  dialect: SqlDialect,
  plan: TablePlan,
  wanted: Total,
): Promise<void> {
  const tally = createTally(plan)
  for await (const page of pagesOf(db, dialect, plan)) tally.add(page)
  const difference = differenceOf(wanted, tally.total())
  if (difference !== undefined)
    throw new Fault(
      'internal_error',
      `What was stored is not what was read (${difference}): nothing was changed`,
    )
}

const damaged = (what: string) =>
  new Fault('validation_error', `The backup is damaged (${what}): nothing was changed; take another one`)

function planOf(plans: ReadonlyMap<string, TablePlan>, { table }: { readonly table: string }): TablePlan {
  const plan = plans.get(table)
  if (plan === undefined) throw damaged(`it has rows of ${table}, which it does not name`)
  return plan
}

/** Sees that nobody's records are overwritten by mistake, and empties the tables. */
async function makeRoom({ dialect, mayReplace }: LoadTarget, db: Kysely<Tables>): Promise<void> {
  const { tables } = await dialect.inspect(db)
  for (const name of tables.keys()) {
    if (ownTables.has(name)) continue
    if (!mayReplace && name !== 'apigate_meta') {
      const first = await moduleTables(db)
        .selectFrom(name)
        .select(sql`1`.as('one'))
        .limit(1)
        .executeTakeFirst()
      if (first !== undefined)
        throw new Fault(
          'conflict',
          `The database is not empty (there are records in ${name}): name an empty one, or replace what is there with --force`,
        )
    }
    await moduleTables(db).deleteFrom(name).execute()
  }
}

/** A column that the dump lacks, and what its rows get there. */
interface Fill {
  readonly name: string
  readonly valueFor: (row: ReadonlyMap<string, unknown>) => unknown
}

/** Makes tables and columns that no module names any more, and finds what modules want that the dump does not have. */
async function prepareTables(
  { dialect, modules }: LoadTarget,
  db: Kysely<Tables>,
  plans: readonly TablePlan[],
): Promise<ReadonlyMap<string, readonly Fill[]>> {
  const { tables } = await dialect.inspect(db)
  const byTable = new Map([...modules.values()].map((module) => [module.plural, module]))
  const fills = new Map<string, readonly Fill[]>()
  const typeOf = (kind: TablePlan['columns'][number]['kind']) => sql.raw(dialect.columns[kind].type)
  for (const { name, columns, key } of plans) {
    const present = tables.get(name)
    if (present === undefined) {
      let table = db.schema.createTable(name)
      for (const column of columns) table = table.addColumn(column.name, typeOf(column.kind))
      if (key.length > 0) table = table.addPrimaryKeyConstraint(`${name}_key`, [...key] as never[])
      await table.execute()
      continue
    }
    for (const column of columns)
      if (!present.some((one) => one.name === column.name))
        await db.schema.alterTable(name).addColumn(column.name, typeOf(column.kind)).execute()
    const module = byTable.get(name)
    if (module !== undefined) fills.set(name, fillsOf(dialect, module, columns))
  }
  return fills
}

function fillsOf(dialect: SqlDialect, module: Module, columns: TablePlan['columns']): readonly Fill[] {
  const given = new Set(columns.map(({ name }) => name))
  return [...module.fields.values()]
    .filter((field) => !given.has(field.name) && !field.isWriteOnly && field.isRequired)
    .map((field): Fill => {
      if (field.default === 'now()') return { name: field.name, valueFor: (row) => row.get('created_at') }
      if (field.default === undefined || field.default === null)
        throw new Fault(
          'validation_error',
          `${module.file}: schema.${field.name} is required, and the backup has none: restore it with the version that made it, and upgrade then`,
        )
      const value = dialect.columns[field.type.column].encode?.(field.default) ?? field.default
      return { name: field.name, valueFor: () => value }
    })
}

async function insert(
  db: Kysely<Tables>,
  dialect: SqlDialect,
  { name, columns }: TablePlan,
  { rows }: RowsLine,
  fills: readonly Fill[],
): Promise<void> {
  const encoders = columns.map((column) => dialect.columns[column.kind].encode)
  const names = [...columns.map((column) => column.name), ...fills.map((fill) => fill.name)]
  const atOnce = Math.max(1, Math.min(mostRows, Math.floor(mostParameters / names.length)))
  for (let start = 0; start < rows.length; start += atOnce) {
    const values = rows.slice(start, start + atOnce).map((row) => {
      const stored = row.map((value, index) => (value === null ? null : (encoders[index]?.(value) ?? value)))
      const named = new Map(columns.map((column, index) => [column.name, stored[index]]))
      return sql`(${sql.join([...stored, ...fills.map((fill) => fill.valueFor(named))])})`
    })
    await sql`insert into ${sql.table(name)} (${sql.join(names.map((one) => sql.ref(one)))})
      values ${sql.join(values)}`.execute(db)
  }
}
