import { type CountRegions, type LimitTable, leavePlaces } from '../limits/limit-table.ts'
import { type Policy, refused, uncounted } from './policy.ts'

// Nobody knows when one of the running requests will end: a second is a fair time to come back after.
const comeBackMs = 1_000

/** So many requests at the same time: a place is taken at admission and left when the request is settled. */
export function concurrency(table: LimitTable, { place, held }: CountRegions): Policy {
  const active = (slot: number): number => (slot < 0 ? 0 : place.words.value)
  const leave = (slot: number): void => {
    leavePlaces(place, slot, 1)
    held.add(slot, -1)
  }
  return {
    waitMs: ({ key, rule }) => (active(place.find(key)) < rule.limit ? 0 : comeBackMs),
    take({ key, rule }, nowMs) {
      if (rule.limit <= 0) return refused
      const now = table.timeOf(nowMs)
      for (;;) {
        const slot = place.findOrMake(key, now, now)
        if (slot < 0) return uncounted
        const { time, value } = place.words
        if (value >= rule.limit) return refused
        if (!place.swap(slot, time, value + 1)) continue
        held.add(slot, 1)
        return slot
      }
    },
    undo: (_limit, slot) => leave(slot),
    remaining: ({ key, rule }) => Math.max(0, rule.limit - active(place.find(key))),
    msUntilReset: ({ key }) => (active(place.find(key)) === 0 ? 0 : comeBackMs),
    leave,
  }
}
