import type { Outcome } from '#contract/outcome.ts'

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

/** A job that failed as often as it may. */
export interface DeadLetter {
  readonly id: string
  readonly name: string
  readonly payload: Readonly<Record<string, unknown>>
  readonly attempt: number
  readonly error: string
  /** ISO 8601, UTC. */
  readonly at: string
}

/** The queue as flows see it, whichever provider it runs on. */
export interface JobQueue {
  enqueue(job: JobRequest): Promise<Outcome<{ readonly id: string; readonly isDuplicate: boolean }>>
  /** Says who does the jobs of a name; once per name, before the worker starts. */
  register(name: string, handler: JobHandler): void
  deadLetters(name?: string): Promise<Outcome<readonly DeadLetter[]>>
  revive(id: string): Promise<Outcome<boolean>>
}
