import { type Kysely, sql } from 'kysely'
import type { Tables } from '#core/storage/tables.ts'

const when = {
  audit_entries_no_update: 'before update on audit_entries',
  audit_entries_no_delete: 'before delete on audit_entries',
  audit_chains_no_delete: 'before delete on audit_chains',
  audit_chains_forward: `before update on audit_chains
    when new.seq < old.seq or new.chain <> old.chain or (new.seq = old.seq and new.hash <> old.hash)`,
} as const

/** Refuses what is no appending to the audit log. Whoever owns the file can drop the triggers: `audit verify` is for that. */
export async function protectAudit(db: Kysely<Tables>): Promise<void> {
  for (const [name, place] of Object.entries(when))
    await sql`create trigger if not exists ${sql.table(name)} ${sql.raw(place)}
      begin select raise(abort, ${sql.lit('the audit log is append-only')}); end`.execute(db)
}

/** Takes the triggers away. */
export async function releaseAudit(db: Kysely<Tables>): Promise<void> {
  for (const name of Object.keys(when)) await sql`drop trigger if exists ${sql.table(name)}`.execute(db)
}
