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

/** A bounded piece of a segment, cut between two batches. */
export interface SegmentSlice {
  readonly events: readonly UsageEvent[]
  /** Lines that are no event, as they stand in the file. */
  readonly damaged: readonly string[]
  /** Where the next slice begins; the offset asked for when nothing new is there. */
  readonly nextOffset: number
  /** True when the slice reaches the end of a segment that nobody writes to any more. */
  readonly isEnded: boolean
  /** True when more was there already than a slice may hold. */
  readonly hasMore: boolean
}

/** The segments of one journal directory, as the writer of the usage table reads them. */
export interface JournalSegments {
  /** Segment names, oldest first. */
  list(): readonly string[]
  /** The batches from an offset on, with about so many events at most; undefined when the segment is gone. */
  read(segment: string, offset: number, maxEvents?: number): SegmentSlice | undefined
  /** Puts lines that could not be read aside, where they outlive the segment. */
  keepDamaged(segment: string, lines: readonly string[]): void
  /** Deletes a segment; nothing happens when it is gone already. */
  remove(segment: string): void
}
