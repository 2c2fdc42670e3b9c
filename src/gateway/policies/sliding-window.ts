import type { CountRegions, LimitTable } from '../limits/limit-table.ts'
import { mostValue } from '../limits/shared-words.ts'
import { marksPerSlot } from '../limits/table-layout.ts'
import { type Limit, type Policy, refused, uncounted } from './policy.ts'

// Admitted requests are numbered round; one more than the highest limit, so that a full window is not taken for an empty one.
const circle = mostValue + 1

/**
 * Never more than the limit in any stretch of time as long as the window, which slides by a sixtieth of it at a time: a place is free
 * again at most that late. The state is when the newest sixtieth leaves the window, and the number of the last admitted request;
 * a mark for each sixtieth says which number it began with.
 */
export function slidingWindow(table: LimitTable, { sliding, marks, marksAt }: CountRegions): Policy {
  /** The newest sixtieth that something was admitted in, the one that is now, and the number of the last admitted. */
  let newest = 0
  let current = 0
  let last = 0
  let inWindow = 0

  const stepMs = ({ windowMs }: Limit['rule']): number => Math.max(1, Math.ceil(windowMs / 60))
  const markAt = (slot: number, step: number): number => marksAt + slot * marksPerSlot + (step % marksPerSlot)

  /** The number that a sixtieth began with; -1 where nothing was admitted in it. */
  function beginning(slot: number, step: number, ms: number): number {
    marks.load(markAt(slot, step))
    return marks.time === step * ms ? marks.value : -1
  }

  function read({ rule }: Limit, now: number, slot: number): void {
    const ms = stepMs(rule)
    const step = Math.floor(now / ms)
    inWindow = 0
    last = 0
    newest = 0
    current = step
    if (slot < 0) return
    const { time, value } = sliding.words
    newest = Math.floor(time / ms) - marksPerSlot
    current = Math.max(step, newest)
    last = value
    for (let from = Math.max(1, current - marksPerSlot + 1); from <= newest; from++) {
      const first = beginning(slot, from, ms)
      if (first === -1) continue
      inWindow = (last - first + circle) % circle
      return
    }
  }

  /** Milliseconds until no more than so many are in the window. */
  function msUntilAtMost(limit: Limit, now: number, slot: number, most: number): number {
    if (inWindow <= most) return 0
    const ms = stepMs(limit.rule)
    let before = -1
    for (let from = Math.max(1, current - marksPerSlot + 1); from <= newest; from++) {
      const first = beginning(slot, from, ms)
      if (first === -1) continue
      if ((last - first + circle) % circle <= most) break
      before = from
    }
    return Math.max(1, (before + marksPerSlot) * ms - now)
  }

  /** Notes the number that a sixtieth begins with; what another worker noted for it, or for a later one, stays. */
  function mark(slot: number, time: number, first: number): void {
    const at = markAt(slot, current)
    do marks.load(at)
    while (marks.time < time && !marks.swap(at, time, first))
  }

  return {
    waitMs(limit, nowMs) {
      const { rule } = limit
      if (rule.limit <= 0) return rule.windowMs
      const now = table.timeOf(nowMs)
      const slot = sliding.find(limit.key)
      read(limit, now, slot)
      return inWindow < rule.limit ? 0 : msUntilAtMost(limit, now, slot, rule.limit - 1)
    },
    take(limit, nowMs) {
      const now = table.timeOf(nowMs)
      const ms = stepMs(limit.rule)
      for (;;) {
        const slot = sliding.findOrMake(limit.key, now, now)
        if (slot < 0) return uncounted
        read(limit, now, slot)
        if (inWindow >= limit.rule.limit) return refused
        // Before the state says so: whoever sees the new sixtieth finds its mark.
        if (current > newest) mark(slot, current * ms, last)
        if (sliding.swap(slot, (current + marksPerSlot) * ms, (last + 1) % circle)) return slot
      }
    },
    undo(limit, slot, nowMs) {
      const now = table.timeOf(nowMs)
      for (;;) {
        if (sliding.find(limit.key) !== slot) return
        const { time } = sliding.words
        read(limit, now, slot)
        // Once the next sixtieth has begun, its mark counts this request already: it stays counted.
        if (inWindow === 0 || current !== newest || current !== Math.floor(now / stepMs(limit.rule))) return
        if (sliding.swap(slot, time, (last - 1 + circle) % circle)) return
      }
    },
    remaining(limit, nowMs) {
      read(limit, table.timeOf(nowMs), sliding.find(limit.key))
      return Math.max(0, limit.rule.limit - inWindow)
    },
    msUntilReset(limit, nowMs) {
      const now = table.timeOf(nowMs)
      const slot = sliding.find(limit.key)
      read(limit, now, slot)
      return msUntilAtMost(limit, now, slot, 0)
    },
  }
}
