import { type Kysely, sql } from 'kysely'
import type { Tables } from '#core/storage/tables.ts'

/** The setting that says for whom a connection acts: an organization, or `*` for the product itself. Without it, nobody's records are there. */
const setting = 'apigate.organization'
const policy = 'apigate_organization'

/** What every connection of ours begins with. */
export const actForAll = `set ${setting} to '*'`

interface Present {
  readonly table: string
  readonly is_forced: boolean
  readonly rule: string | null
}

/**
 * Lets each table of records that belong to organizations show and take, by the database itself, only those of the organization that a statement acts
 * for. `scopes` names the column of each; a table that is not in it is open again. Does nothing where nothing has changed.
 */
export async function protectOrganizations(
  db: Kysely<Tables>,
  scopes: ReadonlyMap<string, string>,
): Promise<void> {
  const { rows } = await sql<Present>`
    select c.relname as "table", c.relrowsecurity and c.relforcerowsecurity as is_forced, p.qual as rule
    from pg_class c
    left join pg_policies p on p.schemaname = current_schema() and p.tablename = c.relname and p.policyname = ${policy}
    where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')`.execute(db)
  for (const { table, is_forced: isForced, rule } of rows) {
    const column = scopes.get(table)
    if (column === undefined && rule === null) continue
    if (column !== undefined && isForced && rule?.includes(`(${column} = `) === true) continue
    await sql`drop policy if exists ${sql.id(policy)} on ${sql.table(table)}`.execute(db)
    if (column === undefined) await open(db, table)
    else await close(db, table, column)
  }
}

async function open(db: Kysely<Tables>, table: string): Promise<void> {
  await sql`alter table ${sql.table(table)} disable row level security, no force row level security`.execute(
    db,
  )
}

/** Forced, because the tables are ours and an owner is let through otherwise. The setting is asked once a statement, not once a row. */
async function close(db: Kysely<Tables>, table: string, column: string): Promise<void> {
  const acting = sql`(select current_setting(${sql.lit(setting)}, true))`
  await sql`alter table ${sql.table(table)} enable row level security, force row level security`.execute(db)
  await sql`create policy ${sql.id(policy)} on ${sql.table(table)}
    using (${acting} = '*' or ${sql.ref(column)} = ${acting})`.execute(db)
}

const actFor = (transaction: Kysely<Tables>, organizationId: string) =>
  sql`select set_config(${sql.lit(setting)}, ${organizationId}, true)`.execute(transaction)

/** Runs work as one organization, in the transaction that it is given or in one of its own. */
export async function asOrganization<T>(
  db: Kysely<Tables>,
  organizationId: string,
  work: (db: Kysely<Tables>) => Promise<T>,
): Promise<T> {
  if (!db.isTransaction)
    return db.transaction().execute(async (transaction) => {
      await actFor(transaction, organizationId)
      return work(transaction)
    })
  await actFor(db, organizationId)
  try {
    return await work(db)
  } finally {
    await actFor(db, '*').catch(ignoreAborted)
  }
}

/** A transaction in which a statement failed takes no more of them; undoing it puts the setting back, too. */
function ignoreAborted(error: unknown): void {
  if ((error as { code?: string }).code !== '25P02') throw error
}
