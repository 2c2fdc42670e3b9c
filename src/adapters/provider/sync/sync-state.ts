import type { Kysely } from 'kysely'
import type { Clock } from '#ports/clock.ts'
import type { Ids } from '#ports/ids.ts'

/** One row that did not get over, and why. */
export interface SyncFailure {
  readonly key: unknown
  readonly reason: string
}

/** What a run has done so far; the run may have been several calls, also of several processes. */
export interface SyncReport {
  readonly read: number
  readonly inserted: number
  readonly updated: number
  readonly unchanged: number
  readonly failed: number
  /** The first of those that failed. */
  readonly failures: readonly SyncFailure[]
  readonly is_done: boolean
  /** ISO 8601, UTC. */
  readonly started_at: string
  readonly moved_at: string
}

/** Where a job stands. */
export interface SyncState {
  readonly position: unknown
  readonly report: SyncReport
}

/** The table of the states, as its migration makes it. */
interface SyncTables {
  sync_states: {
    job: string
    position: string | null
    report: string
    lease: string | null
    lease_until: number
  }
}

/** The states of jobs; a job is in the hands of one process at a time, which keeps it for as long as it moves. */
export interface SyncStates {
  read(job: string): Promise<SyncState | undefined>
  /** Takes a job, with its state; undefined while another one has it. */
  take(
    job: string,
    first: SyncReport,
  ): Promise<{ readonly lease: string; readonly state: SyncState } | undefined>
  /** False when somebody else has it now. */
  move(job: string, lease: string, state: SyncState): Promise<boolean>
  letGo(job: string, lease: string): Promise<void>
  /** Forgets a job that nobody has. */
  reset(job: string): Promise<boolean>
}

const leaseMs = 60_000

const stateOf = (row: { position: string | null; report: string }): SyncState => ({
  position: row.position === null ? undefined : (JSON.parse(row.position) as unknown),
  report: JSON.parse(row.report) as SyncReport,
})

/** Keeps states in our own database. */
export function createSyncStates<T>(deps: {
  readonly db: Kysely<T>
  readonly clock: Clock
  readonly ids: Pick<Ids, 'randomHex'>
}): SyncStates {
  const db = deps.db as unknown as Kysely<SyncTables>
  const { clock, ids } = deps
  return {
    async read(job) {
      const row = await db.selectFrom('sync_states').selectAll().where('job', '=', job).executeTakeFirst()
      return row === undefined ? undefined : stateOf(row)
    },
    async take(job, first) {
      const now = clock.now()
      const lease = ids.randomHex(16)
      const mine = { lease, lease_until: now + leaseMs }
      const [row] = await db
        .insertInto('sync_states')
        .values({ job, position: null, report: JSON.stringify(first), ...mine })
        .onConflict((conflict) =>
          conflict.column('job').doUpdateSet(mine).where('sync_states.lease_until', '<=', now),
        )
        .returning(['position', 'report'])
        .execute()
      return row === undefined ? undefined : { lease, state: stateOf(row) }
    },
    async move(job, lease, { position, report }) {
      const moved = await db
        .updateTable('sync_states')
        .set({
          position: position === undefined ? null : JSON.stringify(position),
          report: JSON.stringify(report),
          lease_until: clock.now() + leaseMs,
        })
        .where('job', '=', job)
        .where('lease', '=', lease)
        .executeTakeFirst()
      return moved.numUpdatedRows === 1n
    },
    async letGo(job, lease) {
      await db
        .updateTable('sync_states')
        .set({ lease: null, lease_until: 0 })
        .where('job', '=', job)
        .where('lease', '=', lease)
        .execute()
    },
    async reset(job) {
      const gone = await db
        .deleteFrom('sync_states')
        .where('job', '=', job)
        .where('lease_until', '<=', clock.now())
        .executeTakeFirst()
      return gone.numDeletedRows === 1n
    },
  }
}
