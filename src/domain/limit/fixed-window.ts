import type { LimitAlgorithm } from './algorithm.ts'

/** The window that is counted and how many it has admitted. */
export interface FixedWindow {
  start: number
  count: number
}

/** So many requests in each window of the clock (aligned to the epoch, so a minute is the minute on the clock, UTC). */
export const fixedWindow: LimitAlgorithm<FixedWindow> = {
  fresh: ({ windowMs }, nowMs) => ({ start: nowMs - (nowMs % windowMs), count: 0 }),
  advance(state, { windowMs }, nowMs) {
    const start = nowMs - (nowMs % windowMs)
    if (start <= state.start) return
    state.start = start
    state.count = 0
  },
  allows: (state, { limit }) => state.count < limit,
  take(state) {
    state.count += 1
  },
  release() {},
  remaining: (state, { limit }) => Math.max(0, limit - state.count),
  msUntilReset: (state, { windowMs }, nowMs) => Math.max(0, state.start + windowMs - nowMs),
  msUntilAllowed: (state, { limit, windowMs }, nowMs) =>
    state.count < limit ? 0 : Math.max(1, state.start + windowMs - nowMs),
  isIdle: (state) => state.count === 0,
}
