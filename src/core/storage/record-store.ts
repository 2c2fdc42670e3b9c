import { type CompiledQuery, type Expression, expressionBuilder, type Kysely, type SqlBool } from 'kysely'
import { accept, Fault, type Outcome, type Refusal, refuse } from '#contract/outcome.ts'
import type { Cipher } from '#ports/cipher.ts'
import type { Condition, ListQuery, Page, Row } from '#ports/records.ts'
import type { Module } from '../schema/module.ts'
import { scopeColumn } from '../schema/names.ts'
import type { SqlDialect } from './dialect.ts'
import { createFind, type Find } from './find.ts'
import { type Reach, readPage } from './page.ts'
import { createTable, type Referrer, restrictingReferrers, type Table } from './table.ts'
import { type ModuleTables, moduleTables, type Tables } from './tables.ts'
import { refusalFrom } from './violation.ts'
import { whereOf } from './where.ts'

type Values = Readonly<Record<string, unknown>>

const builder = expressionBuilder<ModuleTables, string>()

/** Records of all modules in one database. Values are those of the fields' types; a broken rule of the database is a refusal. */
export interface RecordStore {
  /** The same store, reading and writing in a transaction. */
  on(db: Kysely<Tables>): RecordStore
  /**
   * The same store as one organization may know it: of modules of scope `organization` it finds, counts, changes and deletes only
   * that organization's records. Undefined is everybody's.
   */
  within(organizationId: string | undefined): RecordStore
  get(module: string, id: string): Promise<Row | undefined>
  /** The first record with that value; `undefined` also for values that the field cannot have. */
  getBy(module: string, field: string, value: unknown): Promise<Row | undefined>
  /**
   * The records that answer to a text from outside: the one with that id, else all with that value of a lookup field, at most three.
   * `change` reads them whole and locks them where the database needs that; `show` leaves the secrets out.
   */
  find(module: string, idOrValue: string, purpose: 'change' | 'show'): Promise<readonly Row[]>
  /** `only` are conditions of ours, on any field; they bound what is counted, too. */
  list(
    module: string,
    query: ListQuery,
    reach: Reach,
    only?: readonly Condition[],
  ): Promise<Outcome<Page<Row>>>
  /** Stores a whole row, its id and times included; fields that are not given are empty. */
  insert(module: string, row: Row): Promise<Outcome<undefined>>
  /** Changes only the fields given. */
  update(module: string, id: string, changes: Values): Promise<Outcome<undefined>>
  delete(module: string, id: string): Promise<Outcome<undefined>>
}

/** Everything about a table that is worked out once. */
interface Prepared extends Table {
  readonly byId: CompiledQuery<Values>
  /** Like `byId`, of one organization. */
  readonly byIdWithin: CompiledQuery<Values>
  readonly scope: string | undefined
  readonly insertAll: CompiledQuery
  readonly find: Find
  readonly referrers: readonly Referrer[]
}

function prepare(
  db: Kysely<ModuleTables>,
  dialect: SqlDialect,
  table: Table,
  referrers: readonly Referrer[],
): Prepared {
  const blank = Object.fromEntries(table.columns.map((name) => [name, null]))
  const scope = scopeColumn(table.module)
  const byId = db
    .selectFrom(table.name)
    .select([...table.columns])
    .where('id', '=', '')
  return {
    ...table,
    referrers,
    scope,
    byId: byId.compile(),
    byIdWithin: scope === undefined ? byId.compile() : byId.where(scope, '=', '').compile(),
    insertAll: db.insertInto(table.name).values(blank).compile(),
    find: createFind(db, dialect, table, scope),
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
  bound: string | undefined,
): Promise<Refusal | undefined> {
  for (const { module, field } of table.referrers) {
    const scope = scopeColumn(module)
    const user = await db
      .selectFrom(module.plural)
      .select(['id', `${scope ?? 'id'} as scope`])
      .where(field.name, '=', id)
      .limit(1)
      .executeTakeFirst()
    if (user !== undefined) {
      if (bound !== undefined && (scope === undefined || user['scope'] !== bound))
        return refuse('conflict', 'The record is still in use')
      const message = `The record is still in use by ${module.name} ${String(user['id'])} (${field.name})`
      return refuse('conflict', message, { module: module.name, field: field.name, id: user['id'] })
    }
  }
  return undefined
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
      return [module.name, prepare(moduleTables(database), dialect, table, referrers.get(module.name) ?? [])]
    }),
  )
  const tableOf = (module: string): Prepared => {
    const table = tables.get(module)
    if (table === undefined) throw new Fault('internal_error', `there is no module ${module}`)
    return table
  }
  return open(database, undefined)

  /** The store of one organization; where the database can keep organizations apart itself, it is told for whom each statement is. */
  function open(engineDb: Kysely<Tables>, bound: string | undefined): RecordStore {
    const store = plain(engineDb, bound)
    const { asOrganization } = dialect
    if (bound === undefined || asOrganization === undefined) return store
    const act = <T>(module: string, work: (own: RecordStore) => Promise<T>): Promise<T> =>
      tableOf(module).scope === undefined
        ? work(store)
        : asOrganization(engineDb, bound, (db) => work(plain(db, bound)))
    return {
      on: store.on,
      within: store.within,
      get: (module, id) => act(module, (own) => own.get(module, id)),
      getBy: (module, field, value) => act(module, (own) => own.getBy(module, field, value)),
      find: (module, text, purpose) => act(module, (own) => own.find(module, text, purpose)),
      list: (module, query, reach, only) => act(module, (own) => own.list(module, query, reach, only)),
      insert: (module, row) => act(module, (own) => own.insert(module, row)),
      update: (module, id, changes) => act(module, (own) => own.update(module, id, changes)),
      delete: (module, id) => act(module, (own) => own.delete(module, id)),
    }
  }

  function plain(engineDb: Kysely<Tables>, bound: string | undefined): RecordStore {
    const db = moduleTables(engineDb)
    const scopeOf = (table: Prepared): string | undefined => (bound === undefined ? undefined : table.scope)
    const boundsOf = (table: Prepared): readonly Expression<SqlBool>[] => {
      const scope = scopeOf(table)
      return scope === undefined ? [] : [builder(scope, '=', bound)]
    }
    /** The last wall: whoever calls has seen to it before. */
    const keepWithin = (table: Prepared, values: Values): void => {
      const scope = scopeOf(table)
      if (scope !== undefined && values[scope] !== undefined && values[scope] !== bound)
        throw new Fault('internal_error', `a record of ${table.name} would go to another organization`)
    }
    const attempt = async (table: Table, write: () => Promise<unknown>): Promise<Outcome<undefined>> => {
      try {
        await write()
        return accept(undefined)
      } catch (error) {
        return refusalFrom(dialect, table, error)
      }
    }
    const store: RecordStore = {
      on: (other) => open(other, bound),
      within: (organizationId) => (organizationId === bound ? store : open(engineDb, organizationId)),
      async get(module, id) {
        const table = tableOf(module)
        const query =
          scopeOf(table) === undefined
            ? withParameters(table.byId, [id])
            : withParameters(table.byIdWithin, [id, bound])
        const { rows } = await db.executeQuery(query)
        return rows[0] === undefined ? undefined : table.decode(rows[0])
      },
      async getBy(module, field, value) {
        if (!tableOf(module).fields.has(field))
          throw new Fault('internal_error', `${module} has no field ${field}`)
        const where = [{ field, op: 'eq', value } as const]
        const table = tableOf(module)
        const page = await readPage(db, dialect, table, { where, limit: 1 }, 'all', boundsOf(table))
        return page.ok ? page.value.items[0] : undefined
      },
      find(module, idOrValue, purpose) {
        const table = tableOf(module)
        return table.find(db, idOrValue, purpose, scopeOf(table) === undefined ? undefined : bound)
      },
      async list(module, query, reach, only = []) {
        const table = tableOf(module)
        const bounds = whereOf(table, dialect, only, false)
        if (!bounds.ok)
          throw new Fault('internal_error', `a bound of ${module} is refused: ${bounds.message}`)
        return readPage(db, dialect, table, query, reach, [...boundsOf(table), ...bounds.value])
      },
      insert(module, row) {
        const table = tableOf(module)
        keepWithin(table, row)
        const values = table.encode(row, row.id)
        const parameters = table.columns.map((name) => values[name] ?? null)
        return attempt(table, () => db.executeQuery(withParameters(table.insertAll, parameters)))
      },
      update(module, id, changes) {
        const table = tableOf(module)
        const values = table.encode(changes, id)
        keepWithin(table, changes)
        const update = db.updateTable(table.name).set(values).where('id', '=', id)
        const bounds = boundsOf(table)
        return attempt(table, () =>
          (bounds.length === 0 ? update : update.where(builder.and([...bounds]))).execute(),
        )
      },
      async delete(module, id) {
        const table = tableOf(module)
        const refusal = await stillInUse(db, table, id, bound)
        const remove = db
          .deleteFrom(table.name)
          .where('id', '=', id)
          .where(builder.and([...boundsOf(table)]))
        return refusal ?? attempt(table, () => remove.execute())
      },
    }
    return store
  }
}
