import type { Kysely } from 'kysely'

/** Entries are looked at by time: the journal from its end on, and what was earned in a stretch. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.createIndex('ledger_entries_time').on('ledger_entries').columns(['at', 'key']).execute()
}
