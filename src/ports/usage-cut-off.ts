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
  /** The times of the first and last late event of a subscription up to an arrival; undefined when it has none. */
  latePeriods(
    subscriptionId: string,
    upTo: number,
  ): Promise<{ readonly earliestAt: number; readonly latestAt: number } | undefined>
  /** Units of the late events of a time that came after one arrival and up to another; undefined when there are none. */
  lateUnits(query: {
    readonly subscriptionId: string
    readonly fromMs: number
    readonly toMs: number
    readonly after: number
    readonly upTo: number
  }): Promise<number | undefined>
  /** Subscriptions that have late events, in their order, after one of them. */
  lateSubscriptions(after: string, limit: number): Promise<readonly string[]>
}
