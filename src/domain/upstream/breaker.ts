/** How many consecutive failures open a breaker (0: it never opens), and for how long it stays open. */
export interface BreakerRule {
  readonly failures: number
  readonly openMs: number
}

/**
 * A circuit breaker. Closed lets everything through; after too many consecutive failures it is open and lets nothing
 * through; when its time is over it lets one probe through, whose result closes or opens it again.
 */
export interface Breaker {
  phase: 'closed' | 'open' | 'probing'
  /** Consecutive failures while closed. */
  failures: number
  /** When it opened, milliseconds. */
  openedAt: number
  /** Grows with every change of phase: what was let through before a change has no say after it. */
  generation: number
}

/** What `enter` answers when nothing may pass. */
export const noTicket = -1

/** A closed breaker without a history. */
export const newBreaker = (): Breaker => ({ phase: 'closed', failures: 0, openedAt: 0, generation: 0 })

/** Milliseconds until a probe may pass: 0 when something may pass now, the whole time again while a probe is out. */
export function msUntilPassable(breaker: Breaker, rule: BreakerRule, nowMs: number): number {
  if (breaker.phase === 'closed') return 0
  if (breaker.phase === 'probing') return rule.openMs
  const elapsedMs = nowMs - breaker.openedAt
  // A clock that went back must not keep the breaker open for longer than its time.
  if (elapsedMs < 0) breaker.openedAt = nowMs
  return Math.max(0, rule.openMs - Math.max(0, elapsedMs))
}

/** Lets a request through and answers its ticket for the result, or `noTicket`. On a breaker whose time is over it is the probe. */
export function enter(breaker: Breaker, rule: BreakerRule, nowMs: number): number {
  if (breaker.phase === 'closed') return breaker.generation
  if (msUntilPassable(breaker, rule, nowMs) > 0) return noTicket
  breaker.phase = 'probing'
  return ++breaker.generation
}

/** The request of this ticket succeeded. True when that closed the breaker. */
export function succeed(breaker: Breaker, ticket: number): boolean {
  if (ticket !== breaker.generation) return false
  breaker.failures = 0
  if (breaker.phase !== 'probing') return false
  breaker.phase = 'closed'
  breaker.generation++
  return true
}

/** The request of this ticket failed. True when that opened the breaker, for the first time or again. */
export function fail(breaker: Breaker, rule: BreakerRule, ticket: number, nowMs: number): boolean {
  if (ticket !== breaker.generation || rule.failures === 0) return false
  if (breaker.phase === 'closed' && ++breaker.failures < rule.failures) return false
  breaker.phase = 'open'
  breaker.failures = 0
  breaker.openedAt = nowMs
  breaker.generation++
  return true
}

/** The request of this ticket ended without a result: a probe makes room for another one at once. */
export function abandon(breaker: Breaker, ticket: number): void {
  if (ticket !== breaker.generation || breaker.phase !== 'probing') return
  breaker.phase = 'open'
  breaker.openedAt = Number.NEGATIVE_INFINITY
  breaker.generation++
}
