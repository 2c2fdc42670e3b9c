import { type Kysely, sql, type TableMetadata } from 'kysely'
import { accept, type FieldProblem, type Outcome, refuse, refuseFields } from '#contract/outcome.ts'
import type { Clock } from '#ports/clock.ts'
import { isShared } from '../../sql/kind.ts'
import type { SourceTables } from './open-source-database.ts'

const freshMs = 60_000

/** A table as the database itself names it. */
export interface SourceTable {
  readonly name: string
  readonly schema: string | undefined
  readonly columns: readonly string[]
}

/** The same database, seen through the schema of a table. */
export const inSchemaOf = (db: Kysely<SourceTables>, { schema }: SourceTable): Kysely<SourceTables> =>
  schema === undefined ? db : db.withSchema(schema)

/** What a database has. Names from outside are only ever looked up here, so that nothing else gets into a statement. */
export interface SourceCatalogue {
  tables(): Promise<readonly SourceTable[]>
  /** A table with those columns, or a refusal that names the field at fault. */
  find(table: string, columns: Readonly<Record<string, readonly string[]>>): Promise<Outcome<SourceTable>>
}

const nameOf = ({ schema, name }: SourceTable): string => (schema === undefined ? name : `${schema}.${name}`)

/** Reads the catalogue of a database, again after a minute and where something is not known. */
export function createSourceCatalogue(db: Kysely<SourceTables>, clock: Clock): SourceCatalogue {
  const isServer = isShared(db)
  let known: Map<string, SourceTable> | undefined
  let readAt = 0

  const currentSchema = async (): Promise<string | undefined> => {
    const { rows } = await sql<{ name: string }>`select current_schema() as name`.execute(db)
    return rows[0]?.name
  }
  const tableOf =
    (usual: string | undefined) =>
    ({ name, schema, columns }: TableMetadata): SourceTable => ({
      name,
      schema: isServer && schema !== usual ? schema : undefined,
      columns: columns.map((column) => column.name),
    })
  const read = async (): Promise<Map<string, SourceTable>> => {
    const usual = isServer ? await currentSchema() : undefined
    const found = (await db.introspection.getTables()).map(tableOf(usual))
    known = new Map(found.map((table) => [nameOf(table), table]))
    readAt = clock.now()
    return known
  }
  const current = (): Promise<Map<string, SourceTable>> | Map<string, SourceTable> =>
    known !== undefined && clock.now() - readAt < freshMs ? known : read()

  return {
    async tables() {
      return [...(await read()).values()].map((table) => ({ ...table, name: nameOf(table) }))
    },
    async find(name, columns) {
      const isWhole = (found: SourceTable | undefined): boolean =>
        found !== undefined &&
        Object.values(columns)
          .flat()
          .every((column) => found.columns.includes(column))
      let table = (await current()).get(name)
      if (!isWhole(table)) table = (await read()).get(name)
      if (table === undefined) return refuse('not_found', `There is no table "${name}"`, { field: 'table' })
      const has = new Set(table.columns)
      const problems = Object.entries(columns).flatMap(([field, names]): FieldProblem[] =>
        names
          .filter((column) => !has.has(column))
          .map((column) => ({ field, reason: `names a column "${column}" that ${name} does not have` })),
      )
      return problems.length > 0 ? refuseFields(problems) : accept(table)
    },
  }
}
