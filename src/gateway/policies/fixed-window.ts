import type { CountRegions, LimitTable } from '../limits/limit-table.ts'
import { type Limit, type Policy, refused, uncounted } from './policy.ts'

/**
 * So many requests in each window of the clock, aligned to the epoch: a minute is the minute on the clock, UTC. The state is the end
 * of the window that is counted, and how many it has admitted.
 */
export function fixedWindow(table: LimitTable, { rate }: CountRegions): Policy {
  let end = 0
  let count = 0

  function read({ rule }: Limit, nowMs: number, slot: number): void {
    end = table.timeOf(nowMs - (nowMs % rule.windowMs) + rule.windowMs)
    count = 0
    if (slot < 0 || rate.words.time < end) return
    end = rate.words.time
    count = rate.words.value
  }

  return {
    waitMs(limit, nowMs) {
      read(limit, nowMs, rate.find(limit.key))
      return count < limit.rule.limit ? 0 : end - table.timeOf(nowMs)
    },
    take(limit, nowMs) {
      const now = table.timeOf(nowMs)
      for (;;) {
        const slot = rate.findOrMake(limit.key, now, now)
        if (slot < 0) return uncounted
        read(limit, nowMs, slot)
        if (count >= limit.rule.limit) return refused
        if (rate.swap(slot, end, count + 1)) return slot
      }
    },
    undo(limit, slot, nowMs) {
      for (;;) {
        if (rate.find(limit.key) !== slot) return
        read(limit, nowMs, slot)
        if (count === 0 || rate.swap(slot, end, count - 1)) return
      }
    },
    remaining(limit, nowMs) {
      read(limit, nowMs, rate.find(limit.key))
      return Math.max(0, limit.rule.limit - count)
    },
    msUntilReset(limit, nowMs) {
      read(limit, nowMs, rate.find(limit.key))
      return end - table.timeOf(nowMs)
    },
  }
}
