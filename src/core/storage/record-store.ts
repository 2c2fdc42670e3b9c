import type { CompiledQuery, Kysely } from 'kysely'
import { accept, Fault, type Outcome, type Refusal, refuse } from '#contract/outcome.ts'
import type { Cipher } from '#ports/cipher.ts'
import type { ListQuery, Page, Row } from '#ports/records.ts'
import type { Field, Module } from '../schema/module.ts'
import type { SqlDialect } from './dialect.ts'
import { type Reach, readPage } from './page.ts'
import { createTable, type Referrer, restrictingReferrers, type Table } from './table.ts'
import { type ModuleTables, moduleTables, type Tables } from './tables.ts'
import { refusalFrom } from './violation.ts'

type Values = Readonly<Record<string, unknown>>

/** Records of all modules in one database. Values are those of the fields' types; a broken rule of the database is a refusal. */
export interface RecordStore {
  /** The same store, reading and writing in a transaction. */
  on(db: Kysely<Tables>): RecordStore
  get(module: string, id: string): Promise<Row | undefined>
  /** The first record with that value; `undefined` also for values that the field cannot have. */
  getBy(module: string, field: string, value: unknown): Promise<Row | undefined>
  /**
   * The records that answer to a text from outside: the one with that id, else all with that value of a lookup field, at most three.
   * `change` reads them whole and locks them where the database needs that; `show` leaves the secrets out.
   */
  find(module: string, idOrValue: string, purpose: 'change' | 'show'): Promise<readonly Row[]>
  list(module: string, query: ListQuery, reach: Reach): Promise<Outcome<Page<Row>>>
  /** Stores a whole row, its id and times included; fields that are not given are empty. */
  insert(module: string, row: Row): Promise<Outcome<undefined>>
  /** Changes only the fields given. */
  update(module: string, id: string, changes: Values): Promise<Outcome<undefined>>
  delete(module: string, id: string): Promise<Outcome<undefined>>
}

/** Everything about a table that is worked out once. */
interface Prepared extends Table {
  readonly byId: CompiledQuery<Values>
  readonly insertAll: CompiledQuery
  readonly lookups: readonly Field[]
  readonly referrers: readonly Referrer[]
}

function prepare(db: Kysely<ModuleTables>, table: Table, referrers: readonly Referrer[]): Prepared {
  const blank = Object.fromEntries(table.columns.map((name) => [name, null]))
  return {
    ...table,
    referrers,
    byId: db
      .selectFrom(table.name)
      .select([...table.columns])
      .where('id', '=', '')
      .compile(),
    insertAll: db.insertInto(table.name).values(blank).compile(),
    lookups: [...table.fields.values()].filter(({ isLookup }) => isLookup),
  }
}

const withParameters = <T>(query: CompiledQuery<T>, parameters: readonly unknown[]): CompiledQuery<T> => ({
  ...query,
  parameters,
})

async function stillInUse(
  db: Kysely<ModuleTables>,
  table: Prepared,
  id: string,
): Promise<Refusal | undefined> {
  for (const { module, field } of table.referrers) {
    const user = await db
      .selectFrom(module.plural)
      .select('id')
      .where(field.name, '=', id)
      .limit(1)
      .executeTakeFirst()
    if (user !== undefined) {
      const message = `The record is still in use by ${module.name} ${String(user['id'])} (${field.name})`
      return refuse('conflict', message, { module: module.name, field: field.name, id: user['id'] })
    }
  }
  return undefined
}

async function findRows(
  db: Kysely<ModuleTables>,
  dialect: SqlDialect,
  table: Prepared,
  idOrValue: string,
  purpose: 'change' | 'show',
): Promise<readonly Row[]> {
  const matches = table.lookups.flatMap((field) => {
    const parsed = table.comparable.get(field.name)?.safeParse(field.type.fromText(idOrValue))
    return parsed?.success === true
      ? [{ name: field.name, value: table.encodeValue(field, parsed.data) }]
      : []
  })
  let select = db
    .selectFrom(table.name)
    .select([...(purpose === 'change' ? table.columns : table.openColumns)])
    .where((one) =>
      one.or([one('id', '=', idOrValue), ...matches.map(({ name, value }) => one(name, '=', value))]),
    )
    .orderBy((one) => one.case().when('id', '=', idOrValue).then(0).else(1).end())
    .limit(3)
  if (purpose === 'change' && dialect.locksRows) select = select.forUpdate()
  const rows = (await select.execute()).map(table.decode)
  return rows[0]?.id === idOrValue ? rows.slice(0, 1) : rows
}

/** Opens the record store over the modules' tables, which must be in sync with them. */
export function createRecordStore(
  database: Kysely<Tables>,
  dialect: SqlDialect,
  modules: ReadonlyMap<string, Module>,
  cipher: Cipher,
): RecordStore {
  const referrers = restrictingReferrers(modules)
  const tables = new Map(
    [...modules.values()].map((module) => {
      const table = createTable(module, dialect, cipher)
      return [module.name, prepare(moduleTables(database), table, referrers.get(module.name) ?? [])]
    }),
  )
  const tableOf = (module: string): Prepared => {
    const table = tables.get(module)
    if (table === undefined) throw new Fault('internal_error', `there is no module ${module}`)
    return table
  }
  return on(database)

  function on(engineDb: Kysely<Tables>): RecordStore {
    const db = moduleTables(engineDb)
    const attempt = async (table: Table, write: () => Promise<unknown>): Promise<Outcome<undefined>> => {
      try {
        await write()
        return accept(undefined)
      } catch (error) {
        return refusalFrom(dialect, table, error)
      }
    }
    return {
      on,
      async get(module, id) {
        const table = tableOf(module)
        const { rows } = await db.executeQuery(withParameters(table.byId, [id]))
        return rows[0] === undefined ? undefined : table.decode(rows[0])
      },
      async getBy(module, field, value) {
        if (!tableOf(module).fields.has(field))
          throw new Fault('internal_error', `${module} has no field ${field}`)
        const where = [{ field, op: 'eq', value } as const]
        const page = await readPage(db, dialect, tableOf(module), { where, limit: 1 }, 'all')
        return page.ok ? page.value.items[0] : undefined
      },
      find: (module, idOrValue, purpose) => findRows(db, dialect, tableOf(module), idOrValue, purpose),
      list: (module, query, reach) => readPage(db, dialect, tableOf(module), query, reach),
      insert(module, row) {
        const table = tableOf(module)
        const values = table.encode(row, row.id)
        const parameters = table.columns.map((name) => values[name] ?? null)
        return attempt(table, () => db.executeQuery(withParameters(table.insertAll, parameters)))
      },
      update(module, id, changes) {
        const table = tableOf(module)
        const values = table.encode(changes, id)
        return attempt(table, () => db.updateTable(table.name).set(values).where('id', '=', id).execute())
      },
      async delete(module, id) {
        const table = tableOf(module)
        const refusal = await stillInUse(db, table, id)
        return refusal ?? attempt(table, () => db.deleteFrom(table.name).where('id', '=', id).execute())
      },
    }
  }
}
