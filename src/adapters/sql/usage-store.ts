import type { Kysely } from 'kysely'
import type { JournalPosition, UsageStore } from '#ports/usage-store.ts'
import { isShared } from './kind.ts'
import { noteLate, takeArrival } from './usage-clock.ts'
import { addDurations, forgetMinutes, readDurations } from './usage-durations.ts'
import { readEvents, readTotals, readUnits, readUnitsOf } from './usage-queries.ts'
import { rollUp } from './usage-rollups.ts'
import { createKnownSources, groupBySource, type SourceGroup } from './usage-sources.ts'
import { createUsageStatements, EventsKnown } from './usage-statements.ts'
import { postgresUsageStatements } from './usage-statements-postgres.ts'
import type { UsageTables } from './usage-tables.ts'

type Slice = JournalPosition & { readonly from: number }

/** Usage events, rollups and journal positions. Several may write at once: they take rows in the same order, and a slice's position first. */
export function createUsageStore<T>(database: Kysely<T>, knownSources = createKnownSources()): UsageStore {
  const db = database as unknown as Kysely<UsageTables>
  const { insertAll, insertEach, addToRollups } = isShared(db)
    ? postgresUsageStatements
    : createUsageStatements(db)

  async function store(groups: readonly SourceGroup[], slice: Slice, insert: typeof insertEach) {
    const learned = await db.transaction().execute(async (transaction) => {
      if (!(await movePosition(transaction, slice))) return undefined
      const identified = await knownSources.identify(transaction, groups)
      const tick = await takeArrival(transaction)
      const stored = await insert(transaction, identified.sourced, tick.arrival)
      await noteLate(transaction, stored, tick)
      await addToRollups(transaction, rollUp(stored))
      await addDurations(transaction, stored)
      return identified.learned
    })
    if (learned !== undefined) knownSources.remember(learned)
    return learned !== undefined
  }

  return {
    position: (segment) => readPosition(db, segment),
    async absorb(events, slice) {
      const groups = groupBySource(events)
      try {
        return await store(groups, slice, insertAll)
      } catch (error) {
        if (!(error instanceof EventsKnown)) throw error
        return store(groups, slice, insertEach)
      }
    },
    async forget(segment) {
      await db.deleteFrom('usage_journal_positions').where('segment', '=', segment).execute()
    },
    unitsBySubscription: (fromMs, toMs) => readUnits(db, fromMs, toMs),
    unitsOf: (subscriptionId, fromMs, toMs) => readUnitsOf(db, subscriptionId, fromMs, toMs),
    totals: (query) => readTotals(db, query),
    durations: (query) => readDurations(db, query),
    forgetMinutes: (beforeMs) => forgetMinutes(db, beforeMs),
    events: (query) => readEvents(db, query),
  }
}

/** Moves a position from where the caller read; false when it stands elsewhere. Locks it until the transaction ends. */
async function movePosition(db: Kysely<UsageTables>, { segment, from, offset }: Slice): Promise<boolean> {
  const moved =
    from === 0
      ? await db
          .insertInto('usage_journal_positions')
          .values({ segment, offset })
          .onConflict((conflict) =>
            conflict
              .column('segment')
              .doUpdateSet({ offset })
              .where('usage_journal_positions.offset', '=', from),
          )
          .returning('segment')
          .execute()
      : await db
          .updateTable('usage_journal_positions')
          .set({ offset })
          .where('segment', '=', segment)
          .where('offset', '=', from)
          .returning('segment')
          .execute()
  return moved.length === 1
}

async function readPosition(db: Kysely<UsageTables>, segment: string): Promise<number> {
  const row = await db
    .selectFrom('usage_journal_positions')
    .select('offset')
    .where('segment', '=', segment)
    .executeTakeFirst()
  return Number(row?.offset ?? 0)
}
