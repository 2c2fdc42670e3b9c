import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  fullBucket,
  hasToken,
  msUntilFull,
  msUntilToken,
  refill,
  takeToken,
  tokensLeft,
} from './token-bucket.ts'

function admit(limit: number, arrivalsMs: readonly number[]): number[] {
  const bucket = fullBucket(limit, arrivalsMs[0] ?? 0)
  return arrivalsMs.filter((at) => {
    refill(bucket, limit, at)
    if (!hasToken(bucket)) return false
    takeToken(bucket)
    return true
  })
}

const limits = fc.integer({ min: 1, max: 100_000 })
const schedules = fc
  .array(fc.integer({ min: 0, max: 5_000 }), { minLength: 1, maxLength: 400 })
  .map((gaps) => {
    let at = 1_700_000_000_000
    return gaps.map((gap) => {
      at += gap
      return at
    })
  })

describe('the token bucket', () => {
  it('admits exactly its limit of requests that arrive at once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 0, max: 500 }), (limit, surplus) => {
        expect(admit(limit, Array(limit + surplus).fill(1_000))).toHaveLength(limit)
      }),
    )
  })

  it('never admits more than the limit plus what refilled, in any window of any schedule', () => {
    fc.assert(
      fc.property(limits, schedules, (limit, arrivals) => {
        const admitted = admit(limit, arrivals)
        for (let start = 0; start < admitted.length; start += 7) {
          const from = admitted[start] ?? 0
          const windowMs = (admitted.at(-1) ?? 0) - from
          expect(admitted.length - start).toBeLessThanOrEqual(limit + Math.floor((limit * windowMs) / 60_000))
        }
      }),
    )
  })

  it('agrees with a recount in exact fractions', () => {
    fc.assert(
      fc.property(limits, schedules, (limit, arrivals) => {
        let level = BigInt(limit) * 60_000n
        let last = arrivals[0] ?? 0
        const expected = arrivals.filter((at) => {
          level += BigInt(at - last) * BigInt(limit)
          if (level > BigInt(limit) * 60_000n) level = BigInt(limit) * 60_000n
          last = at
          if (level < 60_000n) return false
          level -= 60_000n
          return true
        })
        expect(admit(limit, arrivals)).toEqual(expected)
      }),
    )
  })

  it('names the first millisecond at which a token is there again', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: 0, max: 30_000 }),
        (limit, laterMs) => {
          const bucket = fullBucket(limit, 0)
          while (hasToken(bucket)) takeToken(bucket)
          refill(bucket, limit, Math.min(laterMs, msUntilToken(bucket, limit) - 1))
          const waitMs = msUntilToken(bucket, limit)
          const early = { ...bucket }
          refill(early, limit, bucket.at + waitMs - 1)
          expect(hasToken(early)).toBe(false)
          refill(bucket, limit, bucket.at + waitMs)
          expect(hasToken(bucket)).toBe(true)
        },
      ),
    )
  })

  it('gives nothing for a clock that went back, and never more than a lowered limit', () => {
    const bucket = fullBucket(60, 10_000)
    takeToken(bucket)
    refill(bucket, 60, 5_000)
    expect(tokensLeft(bucket)).toBe(59)
    refill(bucket, 10, 10_000)
    expect(tokensLeft(bucket)).toBe(10)
    expect(msUntilFull(bucket, 10)).toBe(0)
  })

  it('admits nobody under a limit of 0', () => {
    expect(admit(0, [1, 2, 100_000])).toEqual([])
  })
})
