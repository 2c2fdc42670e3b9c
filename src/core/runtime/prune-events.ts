import type { OutboxParts } from './dispatch.ts'
import { lastSeq } from './outbox.ts'

const rowsAtOnce = 1_000

/**
 * Deletes events that are older than `keepMs` and that every consumer has passed, in small steps; answers how many. The last event always
 * stays. A consumer that holds old events back is told to the log by its name.
 */
export async function pruneEvents({ db, clock, log }: OutboxParts, keepMs: number): Promise<number> {
  const before = new Date(clock.now() - keepMs).toISOString()
  const slowest = await db.selectFrom('event_cursors').selectAll().orderBy('seq').limit(1).executeTakeFirst()
  const last = await lastSeq(db)
  const end = Math.min(last - 1, slowest === undefined ? last : Number(slowest.seq))
  let pruned = 0
  for (;;) {
    const rows = await db
      .selectFrom('events')
      .select(['seq', 'at'])
      .where('seq', '<=', end)
      .orderBy('seq')
      .limit(rowsAtOnce)
      .execute()
    const young = rows.findIndex(({ at }) => at >= before)
    const old = young === -1 ? rows : rows.slice(0, young)
    const until = old.at(-1)?.seq
    if (until === undefined) break
    await db.deleteFrom('events').where('seq', '<=', until).execute()
    pruned += old.length
    if (old.length < rowsAtOnce) break
  }
  const held = await db.selectFrom('events').select(['seq', 'at']).orderBy('seq').limit(1).executeTakeFirst()
  if (slowest !== undefined && held !== undefined && held.at < before && Number(slowest.seq) < last - 1)
    log.warn(
      { consumer: slowest.consumer, since: slowest.moved_at },
      'a consumer of events holds old ones back',
    )
  return pruned
}
