import { type ExpressionBuilder, type Kysely, sql } from 'kysely'
import { accept } from '#contract/outcome.ts'
import type { ProviderActions } from '#ports/capability/provider.ts'
import type { Clock } from '#ports/clock.ts'
import type { JobTables } from './job-tables.ts'

/** What whoever holds a lease can do with its job; whoever has lost it changes nothing any more. */
export function jobHolding(
  db: Kysely<JobTables>,
  clock: Clock,
): Required<Pick<ProviderActions<'queue'>, 'extend' | 'complete' | 'release' | 'fail'>> {
  const held = (job: { job_id: string; lease: string }) => (eb: ExpressionBuilder<JobTables, 'jobs'>) =>
    eb.and([
      eb('id', '=', job.job_id),
      eb('lease', '=', job.lease),
      eb('state', '=', 'running'),
      eb('due_at', '>', clock.now()),
    ])

  return {
    async extend({ lease_ms: leaseMs, ...job }) {
      const kept = await db
        .updateTable('jobs')
        .set({ due_at: clock.now() + leaseMs })
        .where(held(job))
        .executeTakeFirst()
      return accept({ extended: kept.numUpdatedRows === 1n })
    },

    async complete(job) {
      const done = await db.deleteFrom('jobs').where(held(job)).executeTakeFirst()
      return accept({ completed: done.numDeletedRows === 1n })
    },

    async release(job) {
      const now = clock.now()
      const given = await db
        .updateTable('jobs')
        .set({ state: 'waiting', lease: null, attempt: sql`attempt - 1`, due_at: now, updated_at: now })
        .where(held(job))
        .executeTakeFirst()
      return accept({ released: given.numUpdatedRows === 1n })
    },

    async fail({ error, retry_at, ...job }) {
      const now = clock.now()
      const retryAt = retry_at === undefined ? undefined : Date.parse(retry_at)
      const retries = retryAt === undefined ? sql<boolean>`1 = 0` : sql<boolean>`attempt < attempts`
      const [failed] = await db
        .updateTable('jobs')
        .set({
          state: sql`case when ${retries} then 'waiting' else 'dead' end`,
          due_at: retryAt ?? now,
          lease: null,
          error,
          updated_at: now,
        })
        .where(held(job))
        .returning('state')
        .execute()
      return accept({ state: failed === undefined ? 'lost' : failed.state === 'dead' ? 'dead' : 'waiting' })
    },
  }
}
