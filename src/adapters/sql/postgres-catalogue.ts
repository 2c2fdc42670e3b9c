import { type Kysely, sql } from 'kysely'
import type { ColumnShape, DatabaseShape } from '#core/storage/dialect.ts'
import type { Tables } from '#core/storage/tables.ts'

interface Line {
  readonly table: string
  readonly column: string | null
  readonly type: string
  readonly is_nullable: boolean
  readonly has_default: boolean
}

/** The tables and indexes of the schema that this connection works in; others in the same database are not ours to look at. */
export async function inspect(db: Kysely<Tables>): Promise<DatabaseShape> {
  const { rows } = await sql<Line>`
    select c.relname as "table", a.attname as "column", t.typname as type,
      not a.attnotnull as is_nullable, (a.atthasdef or a.attidentity <> '') as has_default
    from pg_class c
    left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    left join pg_type t on t.oid = a.atttypid
    where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')
    order by c.relname, a.attnum`.execute(db)
  const tables = new Map<string, ColumnShape[]>()
  for (const row of rows) {
    const columns = tables.get(row.table) ?? []
    tables.set(row.table, columns)
    if (row.column === null) continue
    columns.push({
      name: row.column,
      dataType: row.type,
      isNullable: row.is_nullable,
      hasDefaultValue: row.has_default,
    })
  }
  const indexes = await sql<{ name: string }>`
    select relname as name from pg_class
    where relnamespace = current_schema()::regnamespace and relkind in ('i', 'I')`.execute(db)
  return { tables, keys: await keysOf(db), indexes: new Set(indexes.rows.map(({ name }) => name)) }
}

async function keysOf(db: Kysely<Tables>): Promise<ReadonlyMap<string, readonly string[]>> {
  const { rows } = await sql<{ table: string; columns: string[] }>`
    select c.relname as "table", array_agg(a.attname::text order by k.place) as columns
    from pg_index i
    join pg_class c on c.oid = i.indrelid
    cross join lateral unnest(i.indkey) with ordinality as k(attnum, place)
    join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
    where i.indisprimary and c.relnamespace = current_schema()::regnamespace
    group by c.relname`.execute(db)
  return new Map(rows.map(({ table, columns }) => [table, columns]))
}

/** Says in the catalogue what each table is for, where that has changed. */
export async function describeTables(db: Kysely<Tables>, wanted: ReadonlyMap<string, string>): Promise<void> {
  const { rows } = await sql<{ name: string; comment: string | null }>`
    select relname as name, obj_description(oid, 'pg_class') as comment from pg_class
    where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')`.execute(db)
  const changes = rows.flatMap(({ name, comment }) => {
    const text = wanted.get(name)
    return text === undefined || text === comment
      ? []
      : [sql`comment on table ${sql.table(name)} is ${sql.lit(text)}`.compile(db).sql]
  })
  if (changes.length > 0) await sql.raw(changes.join(';\n')).execute(db)
}

/**
 * Makes the table of events tell every commit, so that other processes need not ask. The statement's trigger cannot be forgotten by whoever
 * writes an event, and costs no round trip.
 */
export async function announceEvents(db: Kysely<Tables>): Promise<void> {
  const { rows } = await sql`
    select 1 from pg_trigger where tgname = 'apigate_announce' and tgrelid = 'events'::regclass`.execute(db)
  if (rows.length > 0) return
  await sql`
    create or replace function apigate_announce() returns trigger language plpgsql as
    ${sql.lit(`begin perform pg_notify('apigate_' || left(tg_table_schema, 50), ''); return null; end`)}`.execute(
    db,
  )
  await sql`
    create trigger apigate_announce after insert on events
    for each statement execute function apigate_announce()`.execute(db)
}
