import type { UsageEvent } from '#contract/usage-event.ts'

/** How far a journal segment has been taken over. */
export interface JournalPosition {
  readonly segment: string
  readonly offset: number
}

/** Sums over a bucket of time. */
export interface UsageTotals {
  readonly requests: number
  readonly units: number
  readonly errors: number
  readonly request_bytes: number
  readonly response_bytes: number
  readonly duration_ms: number
}

/** The dimension that a usage summary is grouped by. */
export type UsageGroup =
  | 'organization_id'
  | 'subscription_id'
  | 'api_id'
  | 'api_key_id'
  | 'route_id'
  | 'start'

/** Usage events and their minute, hour and day rollups. */
export interface UsageStore {
  /** The position stored for a segment, 0 when it is new. */
  position(segment: string): Promise<number>
  /**
   * Stores events, adds the new ones to the rollups and moves the segment's position, in one transaction. Refuses (returns
   * false, changes nothing) when the stored position is not `from`: another writer was faster. Events that are stored already are
   * skipped: an event is the same when its id, its time and who called what are.
   */
  absorb(
    events: readonly UsageEvent[],
    position: JournalPosition & { readonly from: number },
  ): Promise<boolean>
  /** Forgets the position of a segment that no longer exists. */
  forget(segment: string): Promise<void>
  /** Units per subscription from the day rollups of [fromMs, toMs): what quota counters start from. */
  unitsBySubscription(fromMs: number, toMs: number): Promise<ReadonlyMap<string, number>>
  /** Units of one subscription in [fromMs, toMs), whatever moments those are: whole hours from rollups, the rest from events. */
  unitsOf(subscriptionId: string, fromMs: number, toMs: number): Promise<number>
  /** Totals from rollups over [fromMs, toMs), grouped; both ends are aligned to the granularity. */
  totals(query: {
    readonly fromMs: number
    readonly toMs: number
    readonly granularity: 'minute' | 'hour' | 'day'
    readonly groupBy: readonly UsageGroup[]
    readonly organizationId?: string
    readonly subscriptionId?: string
    readonly apiId?: string
    readonly routeId?: string
    readonly keyId?: string
  }): Promise<readonly (UsageTotals & Readonly<Partial<Record<UsageGroup, string>>>)[]>
  /** How many requests of [fromMs, toMs) took how long, by steps: `of` is the start of a bucket, or a route. */
  durations(query: {
    readonly fromMs: number
    readonly toMs: number
    readonly granularity: 'minute' | 'hour' | 'day'
    readonly by: 'start' | 'route_id'
    readonly apiId?: string
    readonly routeId?: string
  }): Promise<readonly { readonly of: string; readonly step: number; readonly requests: number }[]>
  /** Forgets how long requests took minute by minute before a moment; hours and days stay. */
  forgetMinutes(beforeMs: number): Promise<void>
  /** Whole events of [fromMs, toMs) by time and id, at most `limit` of them; `after` is the last one of the page before. */
  events(query: {
    readonly fromMs: number
    readonly toMs: number
    readonly limit: number
    readonly after?: Pick<UsageEvent, 'at' | 'id'>
    readonly organizationId?: string
    readonly subscriptionId?: string
  }): Promise<readonly UsageEvent[]>
}
