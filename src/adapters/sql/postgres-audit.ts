import { type Kysely, sql } from 'kysely'
import type { Tables } from '#core/storage/tables.ts'

/** Triggers by their names: the table, and when they refuse; statements that empty a table are asked, too. */
const triggers = {
  apigate_audit_kept: ['audit_entries', 'before update or delete on audit_entries for each row'],
  apigate_audit_whole: ['audit_entries', 'before truncate on audit_entries for each statement'],
  apigate_audit_ends_kept: ['audit_chains', 'before delete on audit_chains for each row'],
  apigate_audit_ends_whole: ['audit_chains', 'before truncate on audit_chains for each statement'],
  apigate_audit_forward: [
    'audit_chains',
    `before update on audit_chains for each row
      when (new.seq < old.seq or new.chain <> old.chain or (new.seq = old.seq and new.hash <> old.hash))`,
  ],
} as const

/** Refuses what is no appending to the audit log. */
export async function protectAudit(db: Kysely<Tables>): Promise<void> {
  const { rows } = await sql<{ name: string }>`
    select tgname as name from pg_trigger
    where tgrelid in ('audit_entries'::regclass, 'audit_chains'::regclass)`.execute(db)
  const present = new Set(rows.map(({ name }) => name))
  const missing = Object.entries(triggers).filter(([name]) => !present.has(name))
  if (missing.length === 0) return
  await sql`
    create or replace function apigate_refuse_audit_change() returns trigger language plpgsql as
    ${sql.lit("begin raise exception 'the audit log is append-only'; end")}`.execute(db)
  for (const [name, [, place]] of missing)
    await sql`create trigger ${sql.table(name)} ${sql.raw(place)}
      execute function apigate_refuse_audit_change()`.execute(db)
}

/** Takes the triggers away. */
export async function releaseAudit(db: Kysely<Tables>): Promise<void> {
  for (const [name, [table]] of Object.entries(triggers))
    await sql`drop trigger if exists ${sql.table(name)} on ${sql.table(table)}`.execute(db)
}
