import type { LimitAlgorithm } from './algorithm.ts'

/** Requests that are under way. */
export interface Concurrency {
  active: number
}

// Nobody knows when one of the running requests will end: a second is a fair time to come back after.
const comeBackMs = 1_000

/** So many requests at the same time; a place is taken at admission and given back when the request is settled. */
export const concurrency: LimitAlgorithm<Concurrency> = {
  fresh: () => ({ active: 0 }),
  advance() {},
  allows: (state, { limit }) => state.active < limit,
  take(state) {
    state.active += 1
  },
  release(state) {
    state.active -= 1
  },
  remaining: (state, { limit }) => Math.max(0, limit - state.active),
  msUntilReset: (state) => (state.active === 0 ? 0 : comeBackMs),
  msUntilAllowed: (state, { limit }) => (state.active < limit ? 0 : comeBackMs),
  isIdle: (state) => state.active === 0,
}
