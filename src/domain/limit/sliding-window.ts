import type { LimitAlgorithm, LimitSize } from './algorithm.ts'

/** A window is counted in so many slots; it slides by one of them at a time. */
const slotCount = 60

/** Admitted requests by slot; `newest` is the number of the slot that now falls in. */
export interface SlidingWindow {
  readonly counts: number[]
  newest: number
  total: number
}

const slotMs = ({ windowMs }: LimitSize): number => Math.max(1, Math.ceil(windowMs / slotCount))

// One slot more than the window has, because the oldest one is only partly over.
const kept = slotCount + 1

/** Never more than the limit in any stretch of time as long as the window; a place is free again at most one slot late. */
export const slidingWindow: LimitAlgorithm<SlidingWindow> = {
  fresh: (size, nowMs) => ({
    counts: new Array<number>(kept).fill(0),
    newest: Math.floor(nowMs / slotMs(size)),
    total: 0,
  }),
  advance(state, size, nowMs) {
    const slot = Math.floor(nowMs / slotMs(size))
    const steps = Math.min(slot - state.newest, kept)
    for (let step = 1; step <= steps; step++) {
      const index = (state.newest + step) % kept
      state.total -= state.counts[index] ?? 0
      state.counts[index] = 0
    }
    if (slot <= state.newest) return
    if (slot - state.newest > kept) state.counts.fill(0)
    state.newest = slot
  },
  allows: (state, { limit }) => state.total < limit,
  take(state) {
    const index = state.newest % kept
    state.counts[index] = (state.counts[index] ?? 0) + 1
    state.total += 1
  },
  release() {},
  remaining: (state, { limit }) => Math.max(0, limit - state.total),
  msUntilReset: (state, size, nowMs) => msUntilAtMost(state, size, nowMs, 0),
  msUntilAllowed: (state, size, nowMs) =>
    size.limit <= 0 ? size.windowMs : msUntilAtMost(state, size, nowMs, size.limit - 1),
  isIdle: (state) => state.total === 0,
}

/** Milliseconds until no more than so many admitted requests are still in the window. */
function msUntilAtMost(state: SlidingWindow, size: LimitSize, nowMs: number, most: number): number {
  let total = state.total
  for (let age = slotCount; age >= 0; age--) {
    if (total <= most) return msUntilGone(state.newest - age - 1, size, nowMs)
    total -= state.counts[mod(state.newest - age)] ?? 0
  }
  return msUntilGone(state.newest, size, nowMs)
}

/** Milliseconds until a slot has left the window. */
const msUntilGone = (slot: number, size: LimitSize, nowMs: number): number =>
  Math.max(0, (slot + kept) * slotMs(size) - nowMs)

const mod = (slot: number): number => ((slot % kept) + kept) % kept
