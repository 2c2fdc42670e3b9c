import { type ExpressionBuilder, type Kysely, sql } from 'kysely'
import type { DomainEvent } from '#contract/events.ts'
import type { ReactionCallKey, ReactionLog } from '#ports/reaction-log.ts'

interface ReactionTables {
  reaction_calls: {
    reaction: string
    seq: number
    record_id: string
    /** JSON. */
    event: string
    queued_at: number | null
    failed_at: number | null
  }
}

const rowsAtOnce = 50

/** The log of reactions on the product's own database, or inside of a transaction on it. */
export function createReactionLog<T>(database: Kysely<T>): ReactionLog {
  const db = database as unknown as Kysely<ReactionTables>
  const named = (call: ReactionCallKey) => (eb: ExpressionBuilder<ReactionTables, 'reaction_calls'>) =>
    eb.and([eb('reaction', '=', call.reaction), eb('seq', '=', call.seq)])
  return {
    async add(calls) {
      for (let start = 0; start < calls.length; start += rowsAtOnce)
        await db
          .insertInto('reaction_calls')
          .values(
            calls.slice(start, start + rowsAtOnce).map(({ reaction, event }) => ({
              reaction,
              seq: event.seq,
              record_id: event.record_id,
              event: JSON.stringify(event),
              queued_at: null,
              failed_at: null,
            })),
          )
          .onConflict((conflict) => conflict.columns(['reaction', 'seq']).doNothing())
          .execute()
    },

    async ready(before, limit) {
      const rows = await db
        .selectFrom('reaction_calls')
        .select(['reaction', 'seq'])
        .where('failed_at', 'is', null)
        .where((eb) => eb.or([eb('queued_at', 'is', null), eb('queued_at', '<', before)]))
        .where(
          sql<boolean>`not exists (
            select 1 from reaction_calls as earlier
            where earlier.reaction = reaction_calls.reaction and earlier.record_id = reaction_calls.record_id
              and earlier.failed_at is null and earlier.seq < reaction_calls.seq)`,
        )
        .orderBy('seq')
        .limit(limit)
        .execute()
      return rows.map(({ reaction, seq }) => ({ reaction, seq: Number(seq) }))
    },

    async queued(call, at) {
      await db.updateTable('reaction_calls').set({ queued_at: at }).where(named(call)).execute()
    },

    async find(call) {
      const row = await db.selectFrom('reaction_calls').select('event').where(named(call)).executeTakeFirst()
      return row === undefined ? undefined : (JSON.parse(row.event) as DomainEvent)
    },

    async done(call) {
      await db.deleteFrom('reaction_calls').where(named(call)).execute()
    },

    async failed(call, at) {
      await db.updateTable('reaction_calls').set({ failed_at: at }).where(named(call)).execute()
    },

    async prune(before) {
      await db.deleteFrom('reaction_calls').where('failed_at', '<', before).execute()
    },
  }
}
