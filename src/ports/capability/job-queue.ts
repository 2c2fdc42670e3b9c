import type { Outcome } from '#contract/outcome.ts'
import type { Recurrence } from '../recurrence.ts'

/** Work to be done later, at least once. */
export interface JobRequest {
  /** What it is, in the words of its handler: `email.send`. */
  readonly name: string
  readonly payload: Readonly<Record<string, unknown>>
  /** Not before this time, milliseconds UTC; at once when absent. */
  readonly runAt?: number
  /** While a job with the same name and key waits or runs, none is added. */
  readonly dedupeKey?: string
  /** How often it is tried before it is a dead letter; 5 unless given. */
  readonly attempts?: number
}

/** One attempt of a job. */
export interface Job {
  readonly id: string
  readonly name: string
  readonly payload: Readonly<Record<string, unknown>>
  /** 1 for the first. */
  readonly attempt: number
  readonly attempts: number
  /** Aborted when the lease cannot be kept or the worker stops. */
  readonly signal: AbortSignal
}

/** Does a job. A refusal with `service_unavailable` and a throw are tried again with back-off; any other refusal makes it a dead letter. */
export type JobHandler = (job: Job) => Promise<Outcome<unknown>>

/** A job as operators see it. */
export interface JobView {
  readonly job_id: string
  readonly name: string
  readonly state: 'waiting' | 'running' | 'dead'
  readonly payload: unknown
  readonly attempt: number
  readonly attempts: number
  /** ISO 8601, UTC: when it may be taken, for a running one the end of its lease. */
  readonly run_at: string
  readonly error: string | null
  readonly created_at: string
}

/** Which jobs to list, the youngest first. */
export interface JobQuery {
  readonly state?: JobView['state']
  readonly name?: string
  /** The id of a job: those that are older. */
  readonly before?: string
  readonly limit?: number
}

/** Jobs that come again: the next one always waits in the queue, once over all processes. */
export interface JobSchedule {
  /** Names it for ever: with another rule it is another schedule. */
  readonly schedule: string
  readonly recurrence: Recurrence
  readonly name: string
  readonly payload: Readonly<Record<string, unknown>>
  readonly attempts?: number
}

/** The queue as flows see it, whichever provider it runs on. */
export interface JobQueue {
  enqueue(job: JobRequest): Promise<Outcome<{ readonly id: string; readonly isDuplicate: boolean }>>
  /** Says who does the jobs of a name; once per name, before the worker starts. */
  register(name: string, handler: JobHandler): void
  /** Says where schedules come from; asked again and again. */
  recurring(schedules: () => Promise<readonly JobSchedule[]>): void
  list(query: JobQuery): Promise<Outcome<{ readonly jobs: readonly JobView[]; readonly has_more: boolean }>>
  /** Makes a dead letter due again, with all its attempts. */
  retry(id: string): Promise<Outcome<undefined>>
  /** Deletes a job that does not run. */
  delete(id: string): Promise<Outcome<undefined>>
}
