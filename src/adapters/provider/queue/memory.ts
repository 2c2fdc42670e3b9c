import { type Kysely, sql } from 'kysely'
import { accept, refuseFields } from '#contract/outcome.ts'
import type { OpenProviderCode, ProviderActions } from '#ports/capability/provider.ts'
import { isShared } from '../../sql/kind.ts'
import { jobAdding } from './job-adding.ts'
import { jobHolding } from './job-holding.ts'
import type { JobTables } from './job-tables.ts'
import { jobUpkeep } from './job-upkeep.ts'

type Queue = ProviderActions<'queue'>

const pruneEveryMs = 60 * 60_000
const dayMs = 24 * 60 * 60_000

/**
 * Jobs in our own database. A job is taken by one statement that names a lease: on PostgreSQL it passes over rows that others are taking,
 * on SQLite one statement writes at a time. Whoever has lost the lease changes nothing any more.
 */
export function createMemoryQueue<T>(deps: { readonly db: Kysely<T> }): OpenProviderCode<Queue> {
  const db = deps.db as unknown as Kysely<JobTables>
  const locks = isShared(db)
  return ({ clock, ids, config }) => {
    const keepDeadMs = Number(config['keep_dead_days']) * dayMs
    let prunedAt = 0

    /** Reading waits for nobody; a write that finds nothing to do would wait for whoever writes. */
    const isAnyDue = async (): Promise<boolean> => {
      const due = db.selectFrom('jobs').select('id').where('state', '<>', 'dead')
      return (await due.where('due_at', '<=', clock.now()).limit(1).executeTakeFirst()) !== undefined
    }

    /** Dead letters that are old enough; looked for once an hour. */
    const prune = async (): Promise<void> => {
      const now = clock.now()
      if (now - prunedAt < pruneEveryMs) return
      prunedAt = now
      await db
        .deleteFrom('jobs')
        .where('state', '=', 'dead')
        .where('updated_at', '<', now - keepDeadMs)
        .execute()
    }

    /** Jobs whose last attempt ended with its process. */
    const bury = async (): Promise<void> => {
      const now = clock.now()
      await db
        .updateTable('jobs')
        .set({ state: 'dead', lease: null, error: 'its last attempt ended without a word', updated_at: now })
        .where('state', '=', 'running')
        .where('due_at', '<=', now)
        .whereRef('attempt', '>=', 'attempts')
        .execute()
    }

    const taking: Pick<Queue, 'take'> = {
      async take({ names, limit = 1, lease_ms: leaseMs = 60_000 }) {
        if (!Array.isArray(names) || names.length > 1000 || !names.every((name) => typeof name === 'string'))
          return refuseFields([{ field: 'names', reason: 'must be a list of at most 1000 names' }])
        if (names.length === 0) return accept({ jobs: [] })
        await prune()
        if (!(await isAnyDue())) return accept({ jobs: [] })
        await bury()
        const now = clock.now()
        const lease = ids.randomHex(16)
        const taken = await db
          .with('due', (query) => {
            const due = query
              .selectFrom('jobs')
              .select('id')
              .where('state', '<>', 'dead')
              .where('due_at', '<=', now)
              .where('name', 'in', names as readonly string[])
              .orderBy('due_at')
              .orderBy('id')
              .limit(limit)
            return locks ? due.forUpdate().skipLocked() : due
          })
          .updateTable('jobs')
          .set({
            state: 'running',
            attempt: sql`attempt + 1`,
            lease,
            due_at: now + leaseMs,
            updated_at: now,
          })
          .where('id', 'in', (query) => query.selectFrom('due').select('due.id'))
          .returning(['id', 'name', 'payload', 'attempt', 'attempts'])
          .execute()
        const jobs = taken.map(({ id, name, payload, attempt, attempts }) => ({
          job_id: id,
          name,
          payload: JSON.parse(payload) as unknown,
          attempt: Number(attempt),
          attempts: Number(attempts),
          lease,
        }))
        return accept({ jobs })
      },
    }
    return {
      actions: { ...taking, ...jobAdding(db, clock, ids), ...jobHolding(db, clock), ...jobUpkeep(db, clock) },
      async test() {
        await db.selectFrom('job_schedules').select('schedule').limit(1).execute()
        return accept(undefined)
      },
    }
  }
}
