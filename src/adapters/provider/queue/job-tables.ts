/** Where a job stands. */
export type JobState = 'waiting' | 'running' | 'dead'

/** A job as it is stored; times are milliseconds UTC, `payload` is JSON. PostgreSQL answers whole numbers as text. */
export interface JobRow {
  readonly id: string
  readonly name: string
  readonly payload: string
  readonly state: JobState
  /** When it may be taken: its time, or the end of the lease under which it runs. */
  readonly due_at: number
  readonly attempt: number
  readonly attempts: number
  readonly dedupe_key: string | null
  readonly lease: string | null
  readonly error: string | null
  readonly created_at: number
  readonly updated_at: number
}

/** The tables of the queue, as their migration makes them. */
export interface JobTables {
  jobs: JobRow
  /** The latest occurrence of each schedule that has become a job. */
  job_schedules: { schedule: string; last_at: number }
}
