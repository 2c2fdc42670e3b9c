import type { UsageEvent } from '#contract/usage-event.ts'

/** The append-only file that makes a metered request durable before its answer is complete. */
export interface UsageJournal {
  /**
   * Queues one event; all events of one turn of the event loop are written with one system call at its end.
   * `done(undefined)` once the bytes are with the operating system, `done(error)` when they could not be written:
   * then no byte of the event is in the file.
   */
  append(event: UsageEvent, done: (error: Error | undefined) => void): void
  /** False from a failed write until a write has succeeded again; probes by itself at most once a second when asked. */
  isWritable(): boolean
  /** Writes what is queued, now. */
  flush(): void
  /** Flushes, marks the segment as complete and closes it. */
  close(): void
}
