import { type ExpressionBuilder, type Kysely, sql } from 'kysely'
import { accept, type Outcome, refuse, refuseFields } from '#contract/outcome.ts'
import type { OpenProviderCode, ProviderActions } from '#ports/capability/provider.ts'
import { isShared } from '../../sql/kind.ts'
import type { JobRow, JobTables } from './job-tables.ts'

type Queue = ProviderActions<'queue'>

const mostPayloadBytes = 256 * 1024
const mostRaces = 5
const sweepEveryMs = 60 * 60_000
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
    let sweptAt = 0

    const held = (job: { job_id: string; lease: string }) => (eb: ExpressionBuilder<JobTables, 'jobs'>) =>
      eb.and([
        eb('id', '=', job.job_id),
        eb('lease', '=', job.lease),
        eb('state', '=', 'running'),
        eb('due_at', '>', clock.now()),
      ])

    const newJob = (job: {
      name: string
      payload: unknown
      dueAt: number
      attempts?: number | undefined
      dedupeKey?: string | undefined
    }): Outcome<JobRow> => {
      const payload = JSON.stringify(job.payload)
      if (Buffer.byteLength(payload) > mostPayloadBytes)
        return refuseFields([
          { field: 'payload', reason: `must be at most ${mostPayloadBytes} bytes of JSON` },
        ])
      const now = clock.now()
      return accept({
        id: ids.next('job'),
        name: job.name,
        payload,
        state: 'waiting',
        due_at: job.dueAt,
        attempt: 0,
        attempts: job.attempts ?? 5,
        dedupe_key: job.dedupeKey ?? null,
        lease: null,
        error: null,
        created_at: now,
        updated_at: now,
      })
    }

    /** Jobs whose last attempt ended with its process, and dead letters that are old enough. */
    const sweep = async (): Promise<void> => {
      const now = clock.now()
      await db
        .updateTable('jobs')
        .set({ state: 'dead', lease: null, error: 'its last attempt ended without a word', updated_at: now })
        .where('state', '=', 'running')
        .where('due_at', '<=', now)
        .whereRef('attempt', '>=', 'attempts')
        .execute()
      if (now - sweptAt < sweepEveryMs) return
      sweptAt = now
      await db
        .deleteFrom('jobs')
        .where('state', '=', 'dead')
        .where('updated_at', '<', now - keepDeadMs)
        .execute()
    }

    const actions: Queue = {
      async enqueue({ name, payload, run_at, dedupe_key: dedupeKey, attempts }) {
        const dueAt = run_at === undefined ? clock.now() : Date.parse(run_at)
        const job = newJob({ name, payload, dueAt, attempts, dedupeKey })
        if (!job.ok) return job
        for (let race = 0; race < mostRaces; race++) {
          const added = await db
            .insertInto('jobs')
            .values(job.value)
            .onConflict((conflict) => conflict.doNothing())
            .executeTakeFirst()
          if (added.numInsertedOrUpdatedRows === 1n)
            return accept({ job_id: job.value.id, is_duplicate: false })
          const known = await db
            .selectFrom('jobs')
            .select('id')
            .where('name', '=', name)
            .where('dedupe_key', '=', dedupeKey ?? null)
            .where('state', '<>', 'dead')
            .executeTakeFirst()
          // It may have been done in between: then it does not stand in the way any more.
          if (known !== undefined) return accept({ job_id: known.id, is_duplicate: true })
        }
        return refuse('service_unavailable', 'Too many jobs with this dedupe_key come and go')
      },

      async recur({ schedule, occurs_at, name, payload, attempts }) {
        const dueAt = Date.parse(occurs_at)
        const job = newJob({ name, payload, dueAt, attempts })
        if (!job.ok) return job
        const added = await db.transaction().execute(async (transaction) => {
          const moved = await transaction
            .insertInto('job_schedules')
            .values({ schedule, last_at: dueAt })
            .onConflict((conflict) =>
              conflict
                .column('schedule')
                .doUpdateSet({ last_at: dueAt })
                .where('job_schedules.last_at', '<', dueAt),
            )
            .returning('schedule')
            .execute()
          if (moved.length === 1) await transaction.insertInto('jobs').values(job.value).execute()
          return moved.length === 1
        })
        return accept({ added })
      },

      async take({ names, limit = 1, lease_ms: leaseMs = 60_000 }) {
        if (!Array.isArray(names) || names.length > 1000 || !names.every((name) => typeof name === 'string'))
          return refuseFields([{ field: 'names', reason: 'must be a list of at most 1000 names' }])
        if (names.length === 0) return accept({ jobs: [] })
        await sweep()
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
    return {
      actions,
      async test() {
        await db.selectFrom('job_schedules').select('schedule').limit(1).execute()
        return accept(undefined)
      },
    }
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
