import type { Kysely } from 'kysely'
import type { UsageCutOff } from '#ports/usage-cut-off.ts'
import type { LateRow, SourcedEvents, UsageTables } from './usage-tables.ts'

/** The moment of one write of events: its place in the order of all writes, and the time before which periods are closed. */
export interface ClockTick {
  readonly arrival: number
  readonly closedBefore: number
}

const onlyRow = 1
/** Few enough for the number of parameters that every database takes. */
const rowsAtOnce = 100

/** Takes the next arrival, and holds the clock until the transaction ends: arrivals become visible in their order. */
export async function takeArrival(transaction: Kysely<UsageTables>): Promise<ClockTick> {
  const row = await transaction
    .insertInto('usage_clock')
    .values({ id: onlyRow, arrival: 1, closed_before: 0 })
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet((eb) => ({ arrival: eb('usage_clock.arrival', '+', 1) })),
    )
    .returning(['arrival', 'closed_before'])
    .executeTakeFirstOrThrow()
  return { arrival: Number(row.arrival), closedBefore: Number(row.closed_before) }
}

/** Notes those of the events just stored whose time was closed before they came. */
export async function noteLate(
  transaction: Kysely<UsageTables>,
  stored: readonly SourcedEvents[],
  { arrival, closedBefore }: ClockTick,
): Promise<void> {
  const rows = stored.flatMap(({ sourceId, subscriptionId, events }) =>
    events
      .filter(({ at }) => at < closedBefore)
      .map(
        ({ at, id, units }): LateRow => ({
          arrival,
          source_id: sourceId,
          at,
          id,
          subscription_id: subscriptionId,
          units,
        }),
      ),
  )
  for (let start = 0; start < rows.length; start += rowsAtOnce)
    await transaction
      .insertInto('usage_late')
      .values(rows.slice(start, start + rowsAtOnce))
      .onConflict((conflict) => conflict.doNothing())
      .execute()
}

/** The order of arrival as the biller uses it. */
export function createUsageCutOff<T>(database: Kysely<T>): UsageCutOff {
  const db = database as unknown as Kysely<UsageTables>
  return {
    async closeBefore(beforeMs) {
      const row = await db
        .insertInto('usage_clock')
        .values({ id: onlyRow, arrival: 0, closed_before: beforeMs })
        .onConflict((conflict) =>
          conflict.column('id').doUpdateSet((eb) => ({
            closed_before: eb
              .case()
              .when('usage_clock.closed_before', '<', beforeMs)
              .then(beforeMs)
              .else(eb.ref('usage_clock.closed_before'))
              .end(),
          })),
        )
        .returning('arrival')
        .executeTakeFirstOrThrow()
      return Number(row.arrival)
    },
    async late({ after, upTo, limit }) {
      let select = db.selectFrom('usage_late').selectAll().where('arrival', '<=', upTo)
      select =
        'id' in after
          ? select.where((eb) =>
              eb(
                eb.refTuple('arrival', 'source_id', 'at', 'id'),
                '>',
                eb.tuple(after.arrival, after.source_id, after.at, after.id),
              ),
            )
          : select.where('arrival', '>', after.arrival)
      const rows = await select
        .orderBy('arrival')
        .orderBy('source_id')
        .orderBy('at')
        .orderBy('id')
        .limit(limit)
        .execute()
      return rows.map((row) => ({
        ...row,
        arrival: Number(row.arrival),
        source_id: Number(row.source_id),
        at: Number(row.at),
        units: Number(row.units),
      }))
    },
    async latePeriods(subscriptionId, upTo) {
      const row = await db
        .selectFrom('usage_late')
        .select((eb) => [eb.fn.min('at').as('earliest'), eb.fn.max('at').as('latest')])
        .where('subscription_id', '=', subscriptionId)
        .where('arrival', '<=', upTo)
        .executeTakeFirst()
      if (row?.earliest === undefined || row.earliest === null) return undefined
      return { earliestAt: Number(row.earliest), latestAt: Number(row.latest) }
    },
    async lateUnits({ subscriptionId, fromMs, toMs, after, upTo }) {
      const row = await db
        .selectFrom('usage_late')
        .select((eb) => eb.fn.sum('units').as('units'))
        .where('subscription_id', '=', subscriptionId)
        .where('arrival', '>', after)
        .where('arrival', '<=', upTo)
        .where('at', '>=', fromMs)
        .where('at', '<', toMs)
        .executeTakeFirst()
      return row?.units === undefined || row.units === null ? undefined : Number(row.units)
    },
    async lateSubscriptions(after, limit) {
      const rows = await db
        .selectFrom('usage_late')
        .select('subscription_id')
        .distinct()
        .where('subscription_id', '>', after)
        .orderBy('subscription_id')
        .limit(limit)
        .execute()
      return rows.map((row) => row.subscription_id)
    },
  }
}
