/** One event whose time was closed when it came. */
export interface LateEvent {
  /** The write that brought it, in the order of all writes. */
  readonly arrival: number
  readonly source_id: number
  /** Milliseconds UTC. */
  readonly at: number
  readonly id: string
  readonly subscription_id: string
  readonly units: number
}

/**
 * The order in which usage became known. It needs no clock that is right: what an invoice counts is everything up to an arrival, and
 * what comes later for a time that is closed is known one by one.
 */
export interface UsageCutOff {
  /**
   * Closes all time before a moment and answers the last arrival: every event of that time that comes with a later arrival is a late
   * one, and every other one is stored already. Time that is closed stays closed.
   */
  closeBefore(beforeMs: number): Promise<number>
  /** Late events up to an arrival in the order in which they came, at most `limit`; `after` is an arrival, or the last event of the page before. */
  late(query: {
    readonly after: { readonly arrival: number } | LateEvent
    readonly upTo: number
    readonly limit: number
  }): Promise<readonly LateEvent[]>
}
