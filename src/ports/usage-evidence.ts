/** The usage of one subscription in a time, as far as it had arrived. */
export interface EventSet {
  readonly subscriptionId: string
  /** [fromMs, toMs), milliseconds UTC. */
  readonly fromMs: number
  readonly toMs: number
  /** The last arrival that counts. */
  readonly upTo: number
}

/** An event set in short. */
export interface EventSummary {
  /** Units of [from, first cut), [first cut, second cut), ... [last cut, to). */
  readonly units: readonly number[]
  readonly events: number
  /** SHA-256 of its text, in hex. */
  readonly hash: string
}

/** The raw events behind invoices. */
export interface UsageEvidence {
  /** Reads every event of the set once; `cuts` divide its units, in ascending order. */
  summarize(set: EventSet, cuts: readonly number[]): Promise<EventSummary>
  /** The text of the set: its head and a line for each event by time and id, in pieces. */
  text(set: EventSet): AsyncIterable<string>
}
