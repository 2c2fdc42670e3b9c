/** The time, as milliseconds since the epoch, UTC. */
export interface Clock {
  now(): number
}

/** A clock whose time can be moved: forward alone, and for good. */
export interface TestClock extends Clock {
  /** Throws for a time that has passed. */
  moveTo(atMs: number): void
  /** How far it is before the clock of the machine. */
  aheadMs(): number
}
