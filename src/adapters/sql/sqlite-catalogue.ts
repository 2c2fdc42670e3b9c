import { type Kysely, sql } from 'kysely'
import { Fault } from '#contract/outcome.ts'
import type { DatabaseShape } from '#core/storage/dialect.ts'
import type { Tables } from '#core/storage/tables.ts'

interface Key {
  readonly table: string
  readonly column: string
}

/** The tables, keys and indexes of the file, without what is made from others. */
export async function inspect(db: Kysely<Tables>): Promise<DatabaseShape> {
  const tables = await db.introspection.getTables()
  // Full text is made from the tables that hold the data, and is made again from them.
  const derived = await sql<{ name: string }>`
    select name from pragma_table_list where type in ('virtual', 'shadow')`.execute(db)
  const isDerived = new Set(derived.rows.map(({ name }) => name))
  const indexes = await sql<{ name: string }>`select name from sqlite_master where type = 'index'`.execute(db)
  const { rows } = await sql<Key>`
    select m.name as "table", c.name as "column" from sqlite_master m, pragma_table_info(m.name) c
    where m.type = 'table' and c.pk > 0 order by m.name, c.pk`.execute(db)
  const keys = new Map<string, string[]>()
  for (const { table, column } of rows) keys.set(table, [...(keys.get(table) ?? []), column])
  return {
    tables: new Map(
      tables
        .filter(({ name, isView }) => !isView && !isDerived.has(name))
        .map(({ name, columns }) => [name, columns]),
    ),
    keys,
    indexes: new Set(indexes.rows.map(({ name }) => name)),
  }
}

/** Fills tables with references off, which SQLite only allows outside a transaction, and checks all of them before the commit. */
export async function load<T>(
  db: Kysely<Tables>,
  work: (transaction: Kysely<Tables>) => Promise<T>,
): Promise<T> {
  await sql`pragma foreign_keys = off`.execute(db)
  try {
    return await db.transaction().execute(async (transaction) => {
      const result = await work(transaction)
      const { rows } = await sql<{ table: string; parent: string }>`pragma foreign_key_check`.execute(
        transaction,
      )
      const [broken] = rows
      if (broken !== undefined)
        throw new Fault(
          'internal_error',
          `${broken.table} refers to records of ${broken.parent} that are not there`,
        )
      return result
    })
  } finally {
    await sql`pragma foreign_keys = on`.execute(db)
  }
}
