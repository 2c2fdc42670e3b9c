import type { LimitRule } from '#domain/limit/limit-rule.ts'
import type { ScopeKey } from '../limits/scope-key.ts'

/** One limit of one request: the rule, how it counts and which count is meant. */
export interface Limit {
  readonly rule: LimitRule
  readonly policy: Policy
  readonly key: ScopeKey
  /** True for the rate limit that every plan can have; it is told without a name of its own. */
  readonly isPlanRate: boolean
}

/** What take answers when another worker was faster. */
export const refused = -1

/** What take answers when the table has no room: the request passes and is not counted. */
export const uncounted = -2

/**
 * One way to count requests in the shared table. All limits of a request are asked by `waitMs` before any of them takes, so a
 * refused request costs nothing; `take` asks once more in the same compare-and-swap that counts, so no two requests get the same
 * place. A clock that went back changes nothing, a changed limit holds at once.
 */
export interface Policy {
  /** Milliseconds until one more request may pass, 0 when it may now. Changes nothing. */
  waitMs(limit: Limit, nowMs: number): number
  /** Counts one request: the slot it was counted in, or `refused` or `uncounted`. */
  take(limit: Limit, nowMs: number): number
  /** Undoes a take of this turn, because another limit refused. */
  undo(limit: Limit, slot: number, nowMs: number): void
  /** Whole requests that may pass now. */
  remaining(limit: Limit, nowMs: number): number
  /** Milliseconds until everything is available again. */
  msUntilReset(limit: Limit, nowMs: number): number
  /** Set where a place is taken until the request is over. */
  readonly leave?: (slot: number) => void
}
