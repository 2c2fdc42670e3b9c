import { type Kysely, sql } from 'kysely'
import type { Cipher } from '#ports/cipher.ts'
import { sealContext } from '../audit/append.ts'
import { answerContext } from '../runtime/idempotency.ts'
import type { WriteTurn } from '../runtime/write-turn.ts'
import type { Module } from '../schema/module.ts'
import { secretContext, storedFields } from './table.ts'
import type { Tables } from './tables.ts'

/** A column with sealed texts: what tells its rows apart, and what each text is bound to. */
interface SealedColumn {
  readonly table: string
  readonly column: string
  readonly key: readonly string[]
  context(row: Readonly<Record<string, string>>): string
}

const rowsAtOnce = 200

/** What a rotation works with. */
export interface ResealParts {
  readonly write: WriteTurn
  readonly modules: ReadonlyMap<string, Module>
  readonly cipher: Cipher
}

function sealedColumns(modules: ReadonlyMap<string, Module>): readonly SealedColumn[] {
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
  for (const column of sealedColumns(parts.modules)) {
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
const isStale = (cipher: Cipher, column: string) =>
  sql<boolean>`${sql.ref(column)} <> '' and ${sql.ref(column)} not like ${`${cipher.activePrefix()}%`}`

async function resealSome(
  db: Kysely<Tables>,
  cipher: Cipher,
  { table, column, key, context }: SealedColumn,
): Promise<number> {
  const names = sql.join([...key, column].map((name) => sql.ref(name)))
  const { rows } = await sql<Record<string, string>>`
    select ${names} from ${sql.table(table)} where ${isStale(cipher, column)}
    limit ${sql.lit(rowsAtOnce)}`.execute(db)
  for (const row of rows) {
    const bound = context(row)
    const sealed = cipher.seal(cipher.open(row[column] ?? '', bound), bound)
    const same = sql.join(
      key.map((name) => sql`${sql.ref(name)} = ${row[name]}`),
      sql` and `,
    )
    await sql`update ${sql.table(table)} set ${sql.ref(column)} = ${sealed} where ${same}`.execute(db)
  }
  return rows.length
}

/**
 * How many texts are sealed with a former key. It takes the write turn first: whoever still wrote with that key has committed then, and
 * is counted.
 */
export function countStale({ write, cipher, modules }: ResealParts): Promise<number> {
  return write(async (transaction) => {
    let stale = 0
    for (const { table, column } of sealedColumns(modules)) {
      const { rows } = await sql<{ count: unknown }>`
        select count(*) as count from ${sql.table(table)} where ${isStale(cipher, column)}`.execute(
        transaction,
      )
      stale += Number(rows[0]?.count ?? 0)
    }
    return stale
  })
}
