import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { CompiledQuery } from 'kysely'
import { openDatabase } from '#adapters/sql/open-database.ts'
import { isPostgres } from '#adapters/sql/postgres-address.ts'

const busyTimeoutMs = 5000

/** What a database holds, for looking at it without changing it. */
export interface DatabaseReader {
  /** Names of columns by table. */
  readonly tables: ReadonlyMap<string, ReadonlySet<string>>
  rows(query: string): Promise<readonly Readonly<Record<string, unknown>>[]>
}

/** True when a database that is a file is not there yet. */
export const isUnmade = (dsn: string): boolean => !isPostgres(dsn) && !existsSync(dsn)

/** Opens a database for reading alone, for as long as `look` takes. */
export function readDatabase<T>(dsn: string, look: (reader: DatabaseReader) => Promise<T>): Promise<T> {
  return isPostgres(dsn) ? readPostgres(dsn, look) : readFile(dsn, look)
}

async function readPostgres<T>(dsn: string, look: (reader: DatabaseReader) => Promise<T>): Promise<T> {
  const { db, dialect, close } = await openDatabase(dsn, { mostConnections: 1 })
  try {
    const { tables } = await dialect.inspect(db)
    return await look({
      tables: new Map([...tables].map(([name, columns]) => [name, new Set(columns.map((one) => one.name))])),
      rows: async (query) => (await db.executeQuery<Record<string, unknown>>(CompiledQuery.raw(query))).rows,
    })
  } finally {
    await close()
  }
}

async function readFile<T>(path: string, look: (reader: DatabaseReader) => Promise<T>): Promise<T> {
  const database = new DatabaseSync(path, { readOnly: true, timeout: busyTimeoutMs })
  try {
    const columns = database
      .prepare(
        `select m.name as "table", c.name as "column" from sqlite_master m, pragma_table_info(m.name) c where m.type = 'table'`,
      )
      .all()
    const tables = new Map<string, Set<string>>()
    for (const row of columns) {
      const table = String(row['table'])
      tables.set(table, (tables.get(table) ?? new Set()).add(String(row['column'])))
    }
    return await look({ tables, rows: async (query) => database.prepare(query).all() })
  } finally {
    database.close()
  }
}
