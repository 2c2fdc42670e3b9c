import type { Kysely } from 'kysely'
import type { OutboxConsumer } from '#core/runtime/dispatch.ts'
import type { Tables } from '#core/storage/tables.ts'

interface Copies extends Tables {
  copies: { place?: number; seq: number; type: string; record_id: string }
}

const withCopies = (db: Kysely<Tables>): Kysely<Copies> => db as unknown as Kysely<Copies>

/** The table in which the consumer's work shows, one line for each event that it was given. */
export async function makeCopies(db: Kysely<Tables>): Promise<void> {
  await withCopies(db)
    .schema.createTable('copies')
    .ifNotExists()
    .addColumn('place', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('seq', 'integer')
    .addColumn('type', 'text')
    .addColumn('record_id', 'text')
    .execute()
}

/** Copies every event; nothing keeps it from copying one twice but the dispatcher. */
export const copyConsumer: OutboxConsumer = {
  name: 'copies',
  from: 'beginning',
  async handle(events, { db }) {
    for (const { seq, type, record_id } of events)
      await withCopies(db).insertInto('copies').values({ seq, type, record_id }).execute()
  },
}

/** What was copied, in the order of the copying. */
export const copiesIn = (db: Kysely<Tables>) =>
  withCopies(db).selectFrom('copies').select(['seq', 'type', 'record_id']).orderBy('place').execute()
