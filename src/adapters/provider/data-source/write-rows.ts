import type { Kysely } from 'kysely'
import { accept, type Outcome, refuse, refuseFields } from '#contract/outcome.ts'
import { isShared } from '../../sql/kind.ts'
import type { SourceTables } from './open-source-database.ts'
import type { DataRow } from './row-order.ts'
import { inSchemaOf, type SourceTable } from './source-catalogue.ts'

/** Rows to write, or only to compare with what is there. */
export interface RowsToWrite {
  readonly table: SourceTable
  readonly key: string
  readonly rows: readonly DataRow[]
  readonly isDry: boolean
}

/** How many rows were not there, were others, and were the same. */
export interface WriteCounts {
  readonly inserted: number
  readonly updated: number
  readonly unchanged: number
}

const mostKeys = 500

/** Values as they are compared: a number and its text are the same to a database that knows the column's type. */
const comparable = (value: unknown): unknown => {
  if (value === null || value === undefined) return null
  if (typeof value === 'object') return JSON.stringify(value)
  const text = String(value)
  return /^-?\d+(?:\.\d+)?$/.test(text) && String(Number(text)) !== 'Infinity' && text.length <= 15
    ? String(Number(text))
    : text
}

/** How a value of JSON goes into a column; what it is compared with comes out the same way. */
const storable = (db: Kysely<SourceTables>, value: unknown): unknown => {
  if (value === undefined) return null
  if (typeof value === 'boolean' && !isShared(db)) return Number(value)
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value
}

/** Inserts rows whose key is not there and replaces the columns of the others that differ: all of them or none. */
export async function writeRows(
  db: Kysely<SourceTables>,
  { table, key, rows, isDry }: RowsToWrite,
): Promise<Outcome<WriteCounts>> {
  const keys = rows.map((row) => row[key])
  if (keys.some((one) => one === null || one === undefined))
    return refuseFields([{ field: 'rows', reason: `has a row without its key "${key}"` }])
  if (new Set(keys.map(comparable)).size !== keys.length)
    return refuseFields([{ field: 'rows', reason: 'names a key twice' }])
  try {
    return accept(
      await db.transaction().execute(async (transaction) => {
        const inside = inSchemaOf(transaction, table)
        const known = await existing(inside, table.name, key, keys)
        const counts = { inserted: 0, updated: 0, unchanged: 0 }
        for (const row of rows) {
          const values = Object.fromEntries(
            Object.entries(row).map(([name, value]) => [name, storable(db, value)]),
          )
          const before = known.get(comparable(row[key]))
          const differs = Object.entries(values).filter(
            ([name, value]) => comparable(value) !== comparable(before?.[name]),
          )
          if (before === undefined) {
            counts.inserted += 1
            if (!isDry) await inside.insertInto(table.name).values(values).execute()
          } else if (differs.length === 0) counts.unchanged += 1
          else {
            counts.updated += 1
            if (!isDry)
              await inside
                .updateTable(table.name)
                .set(Object.fromEntries(differs))
                .where(key, '=', before[key])
                .execute()
          }
        }
        return counts
      }),
    )
  } catch (error) {
    const reason = constraintOf(error)
    if (reason === undefined) throw error
    return refuse('conflict', `A row does not fit into the table: ${reason}`)
  }
}

async function existing(
  db: Kysely<SourceTables>,
  table: string,
  key: string,
  keys: readonly unknown[],
): Promise<ReadonlyMap<unknown, DataRow>> {
  const found = new Map<unknown, DataRow>()
  for (let start = 0; start < keys.length; start += mostKeys) {
    const some = keys.slice(start, start + mostKeys)
    for (const row of await db.selectFrom(table).selectAll().where(key, 'in', some).execute())
      found.set(comparable(row[key]), row)
  }
  return found
}

/** What the table does not take, in words without values; undefined for an error that is not the row's fault. */
function constraintOf(error: unknown): string | undefined {
  const {
    code,
    constraint,
    column,
    message = '',
  } = error as {
    code?: string
    constraint?: string
    column?: string
    message?: string
  }
  // The classes of integrity and data errors of the SQL standard.
  if (typeof code === 'string' && /^2[23]/.test(code))
    return code.startsWith('22') ? 'a value is none of its type' : (constraint ?? column ?? 'a constraint')
  return /(?:constraint failed|cannot store|datatype mismatch)/i.test(message) ? message : undefined
}
