import type { Kysely } from 'kysely'
import { accept, refuse } from '#contract/outcome.ts'
import type { ProviderActions } from '#ports/capability/provider.ts'
import type { Clock } from '#ports/clock.ts'
import type { JobRow, JobTables } from './job-tables.ts'

/** What operators do with jobs: looking at them, trying dead letters again, deleting. */
export function jobUpkeep(
  db: Kysely<JobTables>,
  clock: Clock,
): Required<Pick<ProviderActions<'queue'>, 'list' | 'revive' | 'delete' | 'count'>> {
  return {
    async list({ state, name, before, limit = 100 }) {
      let query = db
        .selectFrom('jobs')
        .selectAll()
        .orderBy('id', 'desc')
        .limit(limit + 1)
      if (state !== undefined) query = query.where('state', '=', state)
      if (name !== undefined) query = query.where('name', '=', name)
      if (before !== undefined) query = query.where('id', '<', before)
      const rows = await query.execute()
      return accept({ jobs: rows.slice(0, limit).map(shown), has_more: rows.length > limit })
    },

    async revive({ job_id: id }) {
      const now = clock.now()
      try {
        const revived = await db
          .updateTable('jobs')
          .set({ state: 'waiting', attempt: 0, due_at: now, updated_at: now })
          .where('id', '=', id)
          .where('state', '=', 'dead')
          .executeTakeFirst()
        return accept({ revived: revived.numUpdatedRows === 1n })
      } catch (error) {
        if (!isUniqueViolation(error)) throw error
        return refuse('conflict', 'Another job with the same name and dedupe_key waits or runs')
      }
    },

    async delete({ job_id: id }) {
      const gone = await db
        .deleteFrom('jobs')
        .where('id', '=', id)
        .where((eb) => eb.or([eb('state', '<>', 'running'), eb('due_at', '<=', clock.now())]))
        .executeTakeFirst()
      return accept({ deleted: gone.numDeletedRows === 1n })
    },

    async count({ name }) {
      let query = db
        .selectFrom('jobs')
        .select(['state', (eb) => eb.fn.countAll<number>().as('count')])
        .groupBy('state')
      if (name !== undefined) query = query.where('name', '=', name)
      const counts = { waiting: 0, running: 0, dead: 0 }
      for (const { state, count } of await query.execute()) counts[state] = Number(count)
      return accept(counts)
    },
  }
}

const isUniqueViolation = (error: unknown): boolean =>
  error instanceof Error &&
  ((error as Error & { code?: unknown }).code === '23505' || /UNIQUE constraint failed/.test(error.message))

const iso = (ms: number): string => new Date(Number(ms)).toISOString()

const shown = (row: JobRow) => ({
  job_id: row.id,
  name: row.name,
  state: row.state,
  payload: JSON.parse(row.payload) as unknown,
  attempt: Number(row.attempt),
  attempts: Number(row.attempts),
  run_at: iso(row.due_at),
  error: row.error,
  created_at: iso(row.created_at),
})
