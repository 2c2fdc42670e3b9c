import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LimitAlgorithm } from './algorithm.ts'
import { concurrency } from './concurrency.ts'
import { fixedWindow } from './fixed-window.ts'
import { slidingWindow } from './sliding-window.ts'

const size = fc.record({
  limit: fc.integer({ min: 0, max: 20 }),
  windowMs: fc.integer({ min: 1, max: 120 }).map((n) => n * 500),
})
const schedule = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 90_000 })), {
    minLength: 1,
    maxLength: 300,
  })
  .map((gaps) => {
    let at = 1_700_000_000_000
    return gaps.map((gap) => {
      at += gap
      return at
    })
  })

function admitted<S>(
  algorithm: LimitAlgorithm<S>,
  limit: { limit: number; windowMs: number },
  arrivals: readonly number[],
): number[] {
  const state = algorithm.fresh(limit, arrivals[0] ?? 0)
  return arrivals.filter((at) => {
    algorithm.advance(state, limit, at)
    const before = algorithm.remaining(state, limit)
    const isAllowed = algorithm.allows(state, limit)
    expect(isAllowed).toBe(before > 0)
    if (isAllowed) algorithm.take(state)
    expect(algorithm.remaining(state, limit)).toBe(isAllowed ? before - 1 : before)
    return isAllowed
  })
}

describe('the fixed window', () => {
  it('admits exactly its limit in every window of the clock that had enough requests', () => {
    fc.assert(
      fc.property(size, schedule, (limit, arrivals) => {
        const windowOf = (at: number) => Math.floor(at / limit.windowMs)
        const asked = Map.groupBy(arrivals, windowOf)
        const served = Map.groupBy(admitted(fixedWindow, limit, arrivals), windowOf)
        for (const [window, requests] of asked)
          expect(served.get(window)?.length ?? 0).toBe(Math.min(requests.length, limit.limit))
      }),
    )
  })
})

describe('the sliding window', () => {
  it('never admits more than its limit in any stretch as long as the window', () => {
    fc.assert(
      fc.property(size, schedule, (limit, arrivals) => {
        const served = admitted(slidingWindow, limit, arrivals)
        for (const [index, from] of served.entries()) {
          const inWindow = served.slice(index).filter((at) => at < from + limit.windowMs)
          expect(inWindow.length).toBeLessThanOrEqual(limit.limit)
        }
      }),
    )
  })

  it('refuses only when the window and the one slot that it may be late hold the limit already', () => {
    fc.assert(
      fc.property(size, schedule, (limit, arrivals) => {
        const served = admitted(slidingWindow, limit, arrivals)
        const reach = limit.windowMs + 2 * Math.ceil(limit.windowMs / 60)
        const left = [...served]
        for (const at of arrivals) {
          if (left[0] === at) {
            left.shift()
            continue
          }
          const behind = served.filter((one) => one <= at && one > at - reach).length
          expect(behind).toBeGreaterThanOrEqual(limit.limit)
        }
      }),
    )
  })
})

describe.each([
  ['fixed window', fixedWindow as LimitAlgorithm<unknown>],
  ['sliding window', slidingWindow as LimitAlgorithm<unknown>],
])('the %s', (_name, algorithm) => {
  it('names the first millisecond at which a request is admitted again', () => {
    fc.assert(
      fc.property(size, schedule, (limit, arrivals) => {
        fc.pre(limit.limit > 0)
        const state = algorithm.fresh(limit, arrivals[0] ?? 0)
        for (const at of arrivals) {
          algorithm.advance(state, limit, at)
          if (algorithm.allows(state, limit)) {
            expect(algorithm.msUntilAllowed(state, limit, at)).toBe(0)
            algorithm.take(state)
            continue
          }
          const waitMs = algorithm.msUntilAllowed(state, limit, at)
          expect(waitMs).toBeGreaterThan(0)
          for (const [laterMs, isAllowed] of [
            [waitMs - 1, false],
            [waitMs, true],
          ] as const) {
            const copy = structuredClone(state)
            algorithm.advance(copy, limit, at + laterMs)
            expect(algorithm.allows(copy, limit)).toBe(isAllowed)
          }
        }
      }),
    )
  })

  it('is idle, and may be forgotten, once everything is available again', () => {
    fc.assert(
      fc.property(size, schedule, (limit, arrivals) => {
        const state = algorithm.fresh(limit, arrivals[0] ?? 0)
        for (const at of arrivals) {
          algorithm.advance(state, limit, at)
          if (algorithm.allows(state, limit)) algorithm.take(state)
        }
        const last = arrivals.at(-1) ?? 0
        algorithm.advance(state, limit, last + algorithm.msUntilReset(state, limit, last))
        expect(algorithm.isIdle(state, limit)).toBe(true)
      }),
    )
  })

  it('takes nothing back for a clock that went back', () => {
    const limit = { limit: 2, windowMs: 60_000 }
    const state = algorithm.fresh(limit, 1_000_000)
    algorithm.take(state)
    algorithm.advance(state, limit, 1)
    expect(algorithm.remaining(state, limit)).toBe(1)
  })
})

describe('concurrency', () => {
  it('never has more than its limit under way, for any order of beginnings and ends', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 5 }),
        fc.array(fc.boolean(), { maxLength: 200 }),
        (limit, steps) => {
          const rule = { limit, windowMs: 1 }
          const state = concurrency.fresh(rule, 0)
          let active = 0
          for (const isBeginning of steps) {
            if (isBeginning && concurrency.allows(state, rule)) {
              concurrency.take(state)
              active += 1
            } else if (!isBeginning && active > 0) {
              concurrency.release(state)
              active -= 1
            }
            expect(active).toBeLessThanOrEqual(limit)
            expect(concurrency.remaining(state, rule)).toBe(limit - active)
          }
        },
      ),
    )
  })
})
