import type { Clock } from '#ports/clock.ts'

/** A clock that stands still until it is moved. */
export interface FrozenClock extends Clock {
  advance(ms: number): void
  set(text: string): void
}

/** A clock that stands at a moment in the middle of a month. */
export function frozenClock(start = '2026-11-20T12:00:00.000Z'): FrozenClock {
  let now = Date.parse(start)
  return {
    now: () => now,
    advance(ms) {
      now += ms
    },
    set(text) {
      now = Date.parse(text)
    },
  }
}
