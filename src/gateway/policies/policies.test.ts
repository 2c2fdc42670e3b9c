import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { limitOn, smallTable, startMs } from '#test/support/limit-bench.ts'
import type { Limit } from './policy.ts'

interface Size {
  readonly limit: number
  readonly windowMs: number
}

const sizes = fc.record({
  limit: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 21, max: 100_000_000 })),
  windowMs: fc.integer({ min: 1, max: 120 }).map((count) => count * 1_000),
})
const schedules = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 90_000 })), {
    minLength: 1,
    maxLength: 200,
  })
  .map((gaps) => {
    let at = startMs
    return gaps.map((gap) => {
      at += gap
      return at
    })
  })

/** The arrivals that are admitted; on the way, that what is told before and after each agrees with it. */
function admitted(limit: Limit, arrivals: readonly number[]): number[] {
  return arrivals.filter((at) => {
    const { policy } = limit
    const before = policy.remaining(limit, at)
    const waitMs = policy.waitMs(limit, at)
    const isAdmitted = policy.take(limit, at) >= 0
    expect([waitMs === 0, before > 0]).toEqual([isAdmitted, isAdmitted])
    expect(policy.remaining(limit, at)).toBe(isAdmitted ? before - 1 : before)
    return isAdmitted
  })
}

/** Simple models of what each algorithm promises, on all admitted arrivals. */
const models: Readonly<Record<string, (size: Size, arrivals: readonly number[]) => number[]>> = {
  token_bucket({ limit, windowMs }, arrivals) {
    const [capacity, token] = [BigInt(limit) * BigInt(windowMs), BigInt(windowMs)]
    let level = capacity
    let last = startMs
    return arrivals.filter((at) => {
      level += BigInt(at - last) * BigInt(limit)
      if (level > capacity) level = capacity
      last = at
      if (level < token) return false
      level -= token
      return true
    })
  },
  fixed_window({ limit, windowMs }, arrivals) {
    const counts = new Map<number, number>()
    return arrivals.filter((at) => {
      const window = Math.floor(at / windowMs)
      const count = counts.get(window) ?? 0
      if (count < limit) counts.set(window, count + 1)
      return count < limit
    })
  },
  sliding_window({ limit, windowMs }, arrivals) {
    const stepMs = Math.ceil(windowMs / 60)
    // The table counts its steps from two days before it was made.
    const stepOf = (at: number): number => Math.floor((at - startMs + 172_800_000) / stepMs)
    const served: number[] = []
    return arrivals.filter((at) => {
      const inWindow = served.filter((one) => stepOf(one) > stepOf(at) - 61).length
      if (inWindow < limit) served.push(at)
      return inWindow < limit
    })
  },
}

describe.each(['token_bucket', 'fixed_window', 'sliding_window'] as const)('%s', (algorithm) => {
  it('admits exactly what a simple model of it admits, on any schedule', () => {
    fc.assert(
      fc.property(sizes, schedules, (size, arrivals) => {
        const limit = limitOn(smallTable(), algorithm, size)
        expect(admitted(limit, arrivals)).toEqual(models[algorithm]?.(size, arrivals))
      }),
    )
  })

  it('admits exactly its limit of requests that come at once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 300 }), (most, surplus) => {
        const limit = limitOn(smallTable(), algorithm, { limit: most })
        expect(admitted(limit, Array(most + surplus).fill(startMs))).toHaveLength(most)
      }),
    )
  })

  it('names the first millisecond at which a request is admitted again', () => {
    fc.assert(
      fc.property(sizes, schedules, (size, arrivals) => {
        fc.pre(size.limit > 0)
        const limit = limitOn(smallTable(), algorithm, size)
        for (const at of arrivals) {
          if (limit.policy.take(limit, at) >= 0) continue
          const waitMs = limit.policy.waitMs(limit, at)
          expect(limit.policy.remaining(limit, at + waitMs - 1)).toBe(0)
          expect(limit.policy.remaining(limit, at + waitMs)).toBeGreaterThan(0)
        }
      }),
    )
  })

  it('is as new when the time that it names for its reset has passed', () => {
    fc.assert(
      fc.property(sizes, schedules, (size, arrivals) => {
        fc.pre(size.limit > 0)
        const limit = limitOn(smallTable(), algorithm, size)
        for (const at of arrivals) limit.policy.take(limit, at)
        const last = arrivals.at(-1) ?? 0
        const resetMs = limit.policy.msUntilReset(limit, last)
        expect(limit.policy.remaining(limit, last + resetMs)).toBe(size.limit)
      }),
    )
  })

  it('costs nothing when a take is undone', () => {
    fc.assert(
      fc.property(sizes, schedules, fc.infiniteStream(fc.boolean()), (size, arrivals, undone) => {
        const limit = limitOn(smallTable(), algorithm, size)
        const kept = arrivals.filter((at) => {
          const before = limit.policy.remaining(limit, at)
          const slot = limit.policy.take(limit, at)
          if (slot < 0) return true
          const isKept = undone.next().value === false
          if (!isKept) {
            limit.policy.undo(limit, slot, at)
            expect(limit.policy.remaining(limit, at)).toBe(before)
          }
          return isKept
        })
        const other = limitOn(smallTable(), algorithm, size)
        for (const at of kept) other.policy.take(other, at)
        const last = arrivals.at(-1) ?? 0
        expect(limit.policy.remaining(limit, last)).toBe(other.policy.remaining(other, last))
      }),
    )
  })

  it('gives nothing for a clock that went back', () => {
    const limit = limitOn(smallTable(), algorithm, { limit: 2 })
    for (let count = 0; count < 2; count++) limit.policy.take(limit, startMs)
    for (const backMs of [1, 30_000, 80_000_000]) expect(limit.policy.take(limit, startMs - backMs)).toBe(-1)
  })

  it('holds a changed limit at once', () => {
    const table = smallTable()
    const limit = limitOn(table, algorithm, { limit: 10 })
    for (let count = 0; count < 5; count++) limit.policy.take(limit, startMs)
    const lowered = limitOn(table, algorithm, { limit: 4 })
    const raised = limitOn(table, algorithm, { limit: 20 })
    // A bucket keeps how full it is, a window how many it has admitted.
    const isBucket = algorithm === 'token_bucket'
    expect(lowered.policy.remaining(lowered, startMs)).toBe(isBucket ? 2 : 0)
    expect(raised.policy.remaining(raised, startMs)).toBe(isBucket ? 10 : 15)
    const none = limitOn(table, algorithm, { limit: 0 })
    expect(none.policy.take(none, startMs)).toBe(-1)
    expect(none.policy.waitMs(none, startMs)).toBeGreaterThan(0)
  })
})

describe('token_bucket', () => {
  it('is exact at a hundred million a minute', () => {
    const limit = limitOn(smallTable(), 'token_bucket', { limit: 100_000_000 })
    const { policy } = limit
    for (let count = 0; count < 10_000; count++) policy.take(limit, startMs)
    expect(policy.remaining(limit, startMs)).toBe(99_990_000)
    // 1,666 and two thirds come back in a millisecond.
    expect(policy.remaining(limit, startMs + 1)).toBe(99_991_666)
    expect(policy.remaining(limit, startMs + 3)).toBe(99_995_000)
    expect(policy.msUntilReset(limit, startMs)).toBe(6)
  })
})

describe('concurrency', () => {
  it('never has more than its limit under way, for any order of beginnings and ends', () => {
    const steps = fc.array(fc.boolean(), { maxLength: 200 })
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5 }), steps, (most, order) => {
        const limit = limitOn(smallTable(), 'concurrency', { limit: most })
        const active: number[] = []
        for (const isBeginning of order) {
          const slot = isBeginning ? limit.policy.take(limit, startMs) : undefined
          if (slot === undefined) {
            const last = active.pop()
            if (last !== undefined) limit.policy.leave?.(last)
          } else if (slot >= 0) active.push(slot)
          else expect(active.length).toBe(most)
          expect(limit.policy.remaining(limit, startMs)).toBe(most - active.length)
          expect(limit.policy.waitMs(limit, startMs) > 0).toBe(active.length === most)
        }
      }),
    )
  })
})
