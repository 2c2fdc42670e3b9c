import { type Kysely, sql } from 'kysely'
import type { Cipher } from '#ports/cipher.ts'
import { sealContext } from '../audit/append.ts'
import { answerContext } from '../runtime/idempotency.ts'
import type { WriteTurn } from '../runtime/write-turn.ts'
import type { Module } from '../schema/module.ts'
import { secretContext, storedFields } from './table.ts'
import type { Tables } from './tables.ts'

/** A column with sealed texts: what tells its rows apart, and what each text is bound to. */
export interface SealedColumn {
  readonly table: string
  readonly column: string
  readonly key: readonly string[]
  /** Where the text stands in a JSON object: its member, in the rows that another column marks. */
  readonly inside?: { readonly member: string; readonly only: readonly [column: string, value: string] }
  context(row: Readonly<Record<string, string>>): string
}

const rowsAtOnce = 200

/** What a rotation works with. */
export interface ResealParts {
  readonly write: WriteTurn
  readonly modules: ReadonlyMap<string, Module>
  readonly cipher: Cipher
  /** Columns beside those of the engine. */
  readonly more: readonly SealedColumn[]
}

function sealedColumns({ modules, more }: ResealParts): readonly SealedColumn[] {
  const secrets = [...modules.values()].flatMap((module) =>
    storedFields(module)
      .filter((field) => field.type.name === 'secret')
      .map((field) => ({
        table: module.plural,
        column: field.name,
        key: ['id'],
        context: (row: Readonly<Record<string, string>>) =>
          secretContext(module, field.name, row['id'] ?? ''),
      })),
  )
  return [
    ...secrets,
    ...more,
    {
      table: 'idempotency_records',
      column: 'body',
      key: ['actor', 'key'],
      context: (row) => answerContext({ actor: row['actor'] ?? '', key: row['key'] ?? '' }),
    },
    {
      table: 'audit_chains',
      column: 'seal',
      key: ['chain'],
      context: (row) => sealContext(row['chain'] ?? ''),
    },
  ]
}

/** Seals everything again that is sealed with a former key, a few rows in a transaction; answers how many texts. May be broken off anywhere. */
export async function resealAll(parts: ResealParts, told: (done: number) => void): Promise<number> {
  let done = 0
  for (const column of sealedColumns(parts)) {
    for (;;) {
      const count = await parts.write((transaction) => resealSome(transaction, parts.cipher, column))
      done += count
      if (count > 0) told(done)
      if (count < rowsAtOnce) break
    }
  }
  return done
}

/** Sealed, but not with the key of now. */
function isStale(cipher: Cipher, { column, inside }: SealedColumn) {
  const current = cipher.activePrefix()
  if (inside === undefined)
    return sql<boolean>`${sql.ref(column)} <> '' and ${sql.ref(column)} not like ${`${current}%`}`
  const [mark, value] = inside.only
  const wanted = `%${JSON.stringify(inside.member)}:"${current}%`
  return sql<boolean>`${sql.ref(mark)} = ${value} and ${sql.ref(column)} not like ${wanted}`
}

async function resealSome(db: Kysely<Tables>, cipher: Cipher, sealedColumn: SealedColumn): Promise<number> {
  const { table, column, key, context } = sealedColumn
  const names = sql.join([...key, column].map((name) => sql.ref(name)))
  const { rows } = await sql<Record<string, string>>`
    select ${names} from ${sql.table(table)} where ${isStale(cipher, sealedColumn)}
    limit ${sql.lit(rowsAtOnce)}`.execute(db)
  for (const row of rows) {
    const bound = context(row)
    const again = (text: string): string => cipher.seal(cipher.open(text, bound), bound)
    const sealed = resealed(row[column] ?? '', sealedColumn, again)
    const same = sql.join(
      key.map((name) => sql`${sql.ref(name)} = ${row[name]}`),
      sql` and `,
    )
    await sql`update ${sql.table(table)} set ${sql.ref(column)} = ${sealed} where ${same}`.execute(db)
  }
  return rows.length
}

/** The text, or the JSON around it, with what is sealed in it sealed again. */
function resealed(stored: string, { inside }: SealedColumn, again: (text: string) => string): string {
  if (inside === undefined) return again(stored)
  const object = JSON.parse(stored) as Record<string, unknown>
  return JSON.stringify({ ...object, [inside.member]: again(String(object[inside.member])) })
}

/**
 * How many texts are sealed with a former key. It takes the write turn first: whoever still wrote with that key has committed then, and
 * is counted.
 */
export function countStale(parts: ResealParts): Promise<number> {
  return parts.write(async (transaction) => {
    let stale = 0
    for (const column of sealedColumns(parts)) {
      const { rows } = await sql<{ count: unknown }>`
        select count(*) as count from ${sql.table(column.table)}
        where ${isStale(parts.cipher, column)}`.execute(transaction)
      stale += Number(rows[0]?.count ?? 0)
    }
    return stale
  })
}
