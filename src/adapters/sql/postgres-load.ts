import { type Kysely, sql } from 'kysely'
import type { Tables } from '#core/storage/tables.ts'

interface Reference {
  readonly table: string
  readonly name: string
  readonly definition: string
}

/**
 * Fills tables without the rules of what refers to what, which are put back, and so checked, before the commit; then the counters of numbers go on
 * after the highest one that is there.
 */
export async function fillTables<T>(
  transaction: Kysely<Tables>,
  work: (transaction: Kysely<Tables>) => Promise<T>,
): Promise<T> {
  await sql`set local statement_timeout to 0`.execute(transaction)
  const { rows } = await sql<Reference>`
    select c.relname as "table", o.conname as name, pg_get_constraintdef(o.oid) as definition
    from pg_constraint o join pg_class c on c.oid = o.conrelid
    where o.contype = 'f' and c.relnamespace = current_schema()::regnamespace`.execute(transaction)
  for (const { table, name } of rows)
    await sql`alter table ${sql.table(table)} drop constraint ${sql.id(name)}`.execute(transaction)
  const result = await work(transaction)
  for (const { table, name, definition } of rows)
    await sql`alter table ${sql.table(table)} add constraint ${sql.id(name)} ${sql.raw(definition)}`.execute(
      transaction,
    )
  await goOnCounting(transaction)
  return result
}

async function goOnCounting(transaction: Kysely<Tables>): Promise<void> {
  const { rows } = await sql<{ table: string; column: string }>`
    select c.relname as "table", a.attname as "column" from pg_attribute a join pg_class c on c.oid = a.attrelid
    where a.attidentity <> '' and c.relnamespace = current_schema()::regnamespace`.execute(transaction)
  for (const { table, column } of rows) {
    const highest = sql`(select max(${sql.ref(column)}) from ${sql.table(table)})`
    await sql`
      select setval(pg_get_serial_sequence(${table}, ${column}), coalesce(${highest}, 1), ${highest} is not null)`.execute(
      transaction,
    )
  }
}
