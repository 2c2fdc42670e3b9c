/** Why a request was turned away before it was known whose it is. */
export type AuthFailureReason = 'missing' | 'invalid' | 'expired' | 'revoked' | 'suspended' | 'operator'

/** What was used up when a request was refused. */
type RateLimitKind = 'rate' | 'concurrency' | 'quota' | 'sign_in' | 'control'

/** Counting what the product does; every method is cheap enough for the request path and never throws. */
export interface Metrics extends UpstreamMetrics, LimitMetrics, JobMetrics {
  /** One request that the gateway answered, by status. */
  gatewayRequest(status: number): void
  /** From the forwarded request to the first byte of the upstream's answer. */
  upstreamDuration(seconds: number): void
  authFailure(reason: AuthFailureReason): void
  /** Usage events that became durable. */
  usageEvents(count: number): void
  /** One call that its metering expression alone could not price, and why. */
  meteringFallback(reason: string): void
  /** Age of the oldest journal entry that the usage table does not have yet, 0 when there is none. */
  journalLag(seconds: number): void
  /** One answer of the control plane; `route` is the pattern, never the path. */
  http(sample: {
    readonly method: string
    readonly route: string
    readonly status: number
    readonly seconds: number
  }): void
  webhookDelivery(isDelivered: boolean): void
  paymentAttempt(provider: string): void
  paymentFailure(provider: string): void
  /** One account that was opened. */
  registration(): void
  /** Minor units that the ledger is out of balance by; anything but 0 is an alarm. */
  ledgerImbalance(amountMinor: number): void
}

/** Counting what limits do. */
export interface LimitMetrics {
  /** One request that was refused, or would have been by a limit that only counts. */
  rateLimited(kind: RateLimitKind, isShadow?: boolean): void
  /** One request that a limit let pass uncounted, or a quota refused, because its table had no room. */
  limitTableFull(): void
}

/** Counting background jobs. */
export interface JobMetrics {
  /** One attempt, and what became of it. */
  jobDone(result: 'done' | 'retried' | 'dead' | 'lost'): void
  /** How many jobs there are, by state. */
  jobsWaiting(counts: { readonly waiting: number; readonly running: number; readonly dead: number }): void
}

/** Showing which addresses of the upstreams are in use. */
export interface UpstreamMetrics {
  /** Whether a target gets requests, told when it changes; null when it is gone. `target` is its index in the upstream. */
  upstreamHealth(upstream: string, target: number, isUp: boolean | null): void
}

/** The counted, as text for a scraper. */
export interface MetricsReport {
  readonly contentType: string
  text(): Promise<string>
}
