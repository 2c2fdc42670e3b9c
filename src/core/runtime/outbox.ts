import type { Kysely, Selectable } from 'kysely'
import type { DomainEvent } from '#contract/events.ts'
import type { EventTable, Tables } from '../storage/tables.ts'

const mostRows = 1000
/** Keeps one statement below the number of parameters that every database takes. */
const rowsAtOnce = 500

const decode = (row: Selectable<EventTable>): DomainEvent => ({
  ...row,
  data: JSON.parse(row.data) as DomainEvent['data'],
})

/**
 * Writes the events of a transaction in their order and answers them with their numbers. Only in the one that has the write turn: numbers then
 * become visible in their order, and who has read up to one has missed none below it.
 */
export async function appendEvents(
  db: Kysely<Tables>,
  events: readonly Omit<DomainEvent, 'seq'>[],
): Promise<readonly DomainEvent[]> {
  const appended: DomainEvent[] = []
  for (let start = 0; start < events.length; start += rowsAtOnce) {
    const part = events.slice(start, start + rowsAtOnce)
    const numbered = await db
      .insertInto('events')
      .values(part.map((event) => ({ ...event, data: JSON.stringify(event.data) })))
      .returning(['seq', 'id'])
      .execute()
    const seqs = new Map(numbered.map(({ id, seq }) => [id, Number(seq)]))
    for (const event of part) appended.push({ seq: seqs.get(event.id) ?? 0, ...event })
  }
  return appended
}

/** Committed events after `seq`, in their order; how a process notices what another one has committed. */
export async function readSince(
  db: Kysely<Tables>,
  seq: number,
  limit: number,
): Promise<readonly DomainEvent[]> {
  const rows = await db
    .selectFrom('events')
    .selectAll()
    .where('seq', '>', seq)
    .orderBy('seq')
    .limit(Math.min(Math.max(limit, 1), mostRows))
    .execute()
  return rows.map(decode)
}

/** The number of the last committed event, 0 when there was none. */
export async function lastSeq(db: Kysely<Tables>): Promise<number> {
  const row = await db
    .selectFrom('events')
    .select((one) => one.fn.max('seq').as('seq'))
    .executeTakeFirst()
  return Number(row?.seq ?? 0)
}
