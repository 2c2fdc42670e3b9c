import type { Kysely } from 'kysely'
import { accept, type Outcome, refuse, refuseFields } from '#contract/outcome.ts'
import type { ProviderActions } from '#ports/capability/provider.ts'
import type { Clock } from '#ports/clock.ts'
import type { Ids } from '#ports/ids.ts'
import type { JobRow, JobTables } from './job-tables.ts'

const mostPayloadBytes = 256 * 1024
const mostRaces = 5

interface NewJob {
  readonly name: string
  readonly payload: unknown
  readonly dueAt: number
  readonly attempts?: number | undefined
  readonly dedupeKey?: string | undefined
}

function newJob(job: NewJob, clock: Clock, ids: Ids): Outcome<JobRow> {
  const payload = JSON.stringify(job.payload)
  if (Buffer.byteLength(payload) > mostPayloadBytes)
    return refuseFields([{ field: 'payload', reason: `must be at most ${mostPayloadBytes} bytes of JSON` }])
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

/** Adding jobs, once and as often as a schedule says. */
export function jobAdding(
  db: Kysely<JobTables>,
  clock: Clock,
  ids: Ids,
): Required<Pick<ProviderActions<'queue'>, 'enqueue' | 'recur'>> {
  return {
    async enqueue({ name, payload, run_at, dedupe_key: dedupeKey, attempts }) {
      const dueAt = run_at === undefined ? clock.now() : Date.parse(run_at)
      const job = newJob({ name, payload, dueAt, attempts, dedupeKey }, clock, ids)
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
      const job = newJob({ name, payload, dueAt, attempts }, clock, ids)
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
  }
}
