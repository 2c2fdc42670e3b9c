import { type Kysely, type SqlBool, sql } from 'kysely'
import type { Module } from '../schema/module.ts'
import type { DatabaseShape, SqlDialect } from '../storage/dialect.ts'
import { schemaVersion } from '../storage/meta.ts'
import { moduleTables, type Tables } from '../storage/tables.ts'
import { type BackupLine, backupFormat, type Cell, type TablePlan } from './format.ts'
import { createTally } from './tally.ts'

const rowsAtOnce = 500

type Cells = readonly Cell[]

/** What is read: a database of its own connection, so that the moment that is seen does not change. */
export interface DumpSource {
  readonly db: Kysely<Tables>
  readonly dialect: SqlDialect
  readonly modules: ReadonlyMap<string, Module>
}

/** Every table as it is there, its columns by what they hold: by the module where one names it, else by the database's type. */
function planTables(
  shape: DatabaseShape,
  { dialect, modules }: Pick<DumpSource, 'dialect' | 'modules'>,
): readonly TablePlan[] {
  const byTable = new Map([...modules.values()].map((module) => [module.plural, module]))
  return [...shape.tables].map(([name, columns]) => ({
    name,
    key: [...(shape.keys.get(name) ?? [])],
    columns: columns.map((column) => ({
      name: column.name,
      kind: byTable.get(name)?.fields.get(column.name)?.type.column ?? dialect.kindOf(column.dataType),
    })),
  }))
}

/**
 * Everything in a database as lines, tables one after the other, as of one moment; nobody is kept from writing meanwhile. Secrets stay sealed as they are
 * stored. `journal` is read before that moment: what it holds is in it, in the database, or in both, and never in neither.
 */
export async function* dumpDatabase(
  source: DumpSource,
  about: { readonly version: string; readonly now: Date },
  journal: () => Iterable<BackupLine>,
): AsyncGenerator<BackupLine> {
  const { db, dialect } = source
  const { connection, release } = await reserve(db)
  try {
    const plans = planTables(await dialect.inspect(connection), source)
    yield {
      apigate_backup: backupFormat,
      version: about.version,
      schema_version: schemaVersion,
      migrations: await migrationsIn(connection, plans),
      database: dialect.name,
      at: about.now.toISOString(),
      tables: [...plans],
    }
    yield* journal()
    await sql.raw(dialect.beginSnapshot).execute(connection)
    let rows = 0
    for (const plan of plans) {
      const tally = createTally(plan)
      for await (const page of pagesOf(connection, dialect, plan)) {
        tally.add(page)
        rows += page.length
        yield { table: plan.name, rows: page.map((row) => [...row]) }
      }
      yield tally.total()
    }
    yield { end: true, tables: plans.length, rows }
  } finally {
    await sql`rollback`.execute(connection).catch(() => undefined)
    release()
  }
}

async function migrationsIn(db: Kysely<Tables>, plans: readonly TablePlan[]): Promise<string[]> {
  if (plans.every(({ name }) => name !== 'apigate_migrations')) return []
  const rows = await moduleTables(db)
    .selectFrom('apigate_migrations')
    .select('name')
    .orderBy('name')
    .execute()
  return rows.map((row) => String(row['name']))
}

/** One connection for as long as a generator needs it, which a callback could not give. */
async function reserve(db: Kysely<Tables>): Promise<{ connection: Kysely<Tables>; release(): void }> {
  return new Promise((resolve, reject) => {
    db.connection()
      .execute((connection) => new Promise<void>((release) => resolve({ connection, release })))
      .catch(reject)
  })
}

/** The rows of a table in the order of its key, page by page; a table without one at once. */
export async function* pagesOf(
  db: Kysely<Tables>,
  dialect: SqlDialect,
  { name, columns, key }: TablePlan,
): AsyncGenerator<readonly Cells[]> {
  const decoders = columns.map((column) => dialect.columns[column.kind].decode)
  const tables = moduleTables(db)
  let last: Readonly<Record<string, unknown>> | undefined
  do {
    let select = tables.selectFrom(name).select(columns.map((column) => column.name))
    if (key.length > 0)
      select = key.reduce((query, column) => query.orderBy(column), select.limit(rowsAtOnce))
    if (last !== undefined) select = select.where(beyond(key, last))
    const stored = await select.execute()
    if (stored.length > 0) {
      yield stored.map((row) =>
        columns.map((column, index) => {
          const value = row[column.name]
          return value === null ? null : ((decoders[index]?.(value) ?? value) as Cell)
        }),
      )
    }
    last = key.length > 0 && stored.length === rowsAtOnce ? stored.at(-1) : undefined
  } while (last !== undefined)
}

const beyond = (key: readonly string[], row: Readonly<Record<string, unknown>>) =>
  sql<SqlBool>`(${sql.join(key.map((name) => sql.ref(name)))}) > (${sql.join(key.map((name) => row[name]))})`
