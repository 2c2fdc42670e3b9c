/**
 * One metered request, as the gateway writes it and billing reads it. Append-only.
 * `id` is made by the gateway and is the identity for deduplication; `request_id` is what the client saw and may have chosen.
 */
export interface UsageEvent {
  readonly id: string
  /** When the request was admitted, milliseconds since the epoch, UTC: decides the period. */
  readonly at: number
  readonly request_id: string
  readonly organization_id: string
  readonly api_id: string
  readonly subscription_id: string
  readonly plan_id: string
  readonly api_key_id: string
  readonly route_id: string
  readonly method: string
  readonly path: string
  /** The status the upstream answered; 499 when the client left first, 502 and 504 when the upstream failed. */
  readonly status: number
  /** Billed units; 0 where the request is not billed. */
  readonly units: number
  readonly request_bytes: number
  readonly response_bytes: number
  /** From admission to the last byte of the upstream, in milliseconds. */
  readonly duration_ms: number
}
