import type { Kysely } from 'kysely'
import type { Tables } from '../storage/tables.ts'

/** The place of an event in the outbox, by its id; undefined when it is not kept any more, or never was. `first` is before all that are kept. */
export type EventPosition = (eventId: string) => Promise<number | undefined>

/** Looks events up in the outbox. */
export function createEventPosition(db: Kysely<Tables>): EventPosition {
  return async (eventId) => {
    if (eventId === 'first') return 0
    const row = await db.selectFrom('events').select('seq').where('id', '=', eventId).executeTakeFirst()
    return row === undefined ? undefined : Number(row.seq)
  }
}
