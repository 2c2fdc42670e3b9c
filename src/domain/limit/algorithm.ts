/** The size of a limit; the window does not matter to concurrency. */
export interface LimitSize {
  readonly limit: number
  readonly windowMs: number
}

/**
 * One way to count requests, as functions on a small state of whole numbers. `advance` comes before every other call; a request is
 * admitted by `allows` and `take` in one turn, so that two requests can never take the same place.
 */
export interface LimitAlgorithm<State> {
  fresh(size: LimitSize, nowMs: number): State
  /** Brings the state to now. A clock that went back changes nothing; a lowered limit holds at once. */
  advance(state: State, size: LimitSize, nowMs: number): void
  allows(state: State, size: LimitSize): boolean
  take(state: State): void
  /** Gives a place back when the request is over; only concurrency holds places. */
  release(state: State): void
  remaining(state: State, size: LimitSize): number
  /** Milliseconds until everything is available again. */
  msUntilReset(state: State, size: LimitSize, nowMs: number): number
  /** Milliseconds until one request may be admitted, 0 when it may now. */
  msUntilAllowed(state: State, size: LimitSize, nowMs: number): number
  /** True when the state says no more than a fresh one would: it may be forgotten. */
  isIdle(state: State, size: LimitSize): boolean
}
