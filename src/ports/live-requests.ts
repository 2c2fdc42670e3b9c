import type { UsageEvent } from '#contract/usage-event.ts'

/** A request that was counted a moment ago, as whoever looks is shown it. */
export type LiveRequest = Pick<
  UsageEvent,
  | 'id'
  | 'at'
  | 'request_id'
  | 'organization_id'
  | 'api_key_id'
  | 'route_id'
  | 'method'
  | 'path'
  | 'status'
  | 'units'
  | 'duration_ms'
>

/** How many requests were counted since the last telling, and some of them: all where they are few. */
export interface RequestsSeen {
  readonly counted: number
  readonly requests: readonly LiveRequest[]
}

/** The requests of an instance while they are counted; nothing is done for it while nobody follows. */
export interface LiveRequests {
  /** Tells of requests from now on; the returned function ends that. */
  follow(told: (seen: RequestsSeen) => void): () => void
}
