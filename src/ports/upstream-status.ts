/** One address of an upstream, as it is right now in this process. */
export interface TargetStatus {
  /** Its place in the upstream's list. */
  readonly index: number
  readonly url: string
  readonly weight: number
  /** What the health checks say; `unchecked` without any. */
  readonly health: 'up' | 'down' | 'unchecked'
  readonly breaker: 'closed' | 'open' | 'half_open'
  /** Connections with and without work. */
  readonly busy: number
  readonly idle: number
  /** Requests that wait for a connection. */
  readonly waiting: number
}

/** An upstream and its targets, for operators. */
export interface UpstreamStatus {
  readonly id: string
  readonly name: string
  readonly targets: readonly TargetStatus[]
}
