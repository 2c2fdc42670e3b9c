import type { Refusal } from '#contract/outcome.ts'
import type { Grant } from '../grant.ts'

/** A refusal by a limit, with the seconds after which it is worth trying again. */
export type LimitRefusal = Refusal & { readonly retryAfterSeconds: number }

/**
 * A limit on a grant. All policies check before any of them takes, in one turn of the event loop: so a refused request costs
 * nothing, and no two requests can take the same unit.
 */
export interface Policy {
  /** Undefined when this request may pass. Changes nothing but the passing of time. */
  check(grant: Grant, units: number, nowMs: number): LimitRefusal | undefined
  /** Takes what check found. */
  take(grant: Grant, units: number): void
}
