import type { CountRegions, LimitTable } from '../limits/limit-table.ts'
import { type Limit, type Policy, refused, uncounted } from './policy.ts'

/**
 * A bucket of `limit` requests that refills continuously, one window for all of it. The state is the moment at which the bucket is
 * full again (GCRA), exact to the fraction: the time in milliseconds, the value in parts of a millisecond of which `limit` make one.
 */
export function tokenBucket(table: LimitTable, { rate }: CountRegions): Policy {
  /** How long until the bucket is full, in milliseconds and parts; the parts are what is beyond. */
  let debtMs = 0
  let parts = 0

  function read(limit: Limit, now: number, slot: number): void {
    debtMs = 0
    parts = 0
    if (slot < 0) return
    const { time, value } = rate.words
    if (time < now) return
    debtMs = time - now
    parts = Math.min(value, Math.max(0, limit.rule.limit - 1))
  }

  /** Milliseconds that `tokens` more than the debt reach past a full bucket; not above 0 when they are there. */
  function excessMs({ limit, windowMs }: Limit['rule']): number {
    return debtMs - windowMs + Math.ceil((parts + windowMs) / limit)
  }

  return {
    waitMs(limit, nowMs) {
      const { rule } = limit
      if (rule.limit <= 0) return rule.windowMs
      const now = table.timeOf(nowMs)
      read(limit, now, rate.find(limit.key))
      return Math.max(0, excessMs(rule))
    },
    take(limit, nowMs) {
      const { rule } = limit
      const now = table.timeOf(nowMs)
      if (rule.limit <= 0) return refused
      for (;;) {
        const slot = rate.findOrMake(limit.key, now, now)
        if (slot < 0) return uncounted
        read(limit, now, slot)
        if (excessMs(rule) > 0) return refused
        const all = parts + rule.windowMs
        if (rate.swap(slot, now + debtMs + Math.floor(all / rule.limit), all % rule.limit)) return slot
      }
    },
    undo(limit, slot, nowMs) {
      const { rule } = limit
      for (;;) {
        if (rate.find(limit.key) !== slot) return
        read(limit, table.timeOf(nowMs), slot)
        const all = debtMs * rule.limit + parts - rule.windowMs
        // Full already: what was taken has come back by itself.
        if (all < 0) return
        const { time } = rate.words
        if (rate.swap(slot, time - debtMs + Math.floor(all / rule.limit), all % rule.limit)) return
      }
    },
    remaining(limit, nowMs) {
      const { rule } = limit
      if (rule.limit <= 0) return 0
      read(limit, table.timeOf(nowMs), rate.find(limit.key))
      return Math.max(0, Math.floor(((rule.windowMs - debtMs) * rule.limit - parts) / rule.windowMs))
    },
    msUntilReset(limit, nowMs) {
      if (limit.rule.limit <= 0) return limit.rule.windowMs
      read(limit, table.timeOf(nowMs), rate.find(limit.key))
      return debtMs + (parts > 0 ? 1 : 0)
    },
  }
}
