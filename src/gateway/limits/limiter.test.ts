import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LimitRule } from '#domain/limit/limit-rule.ts'
import { monthOf } from '#domain/period.ts'
import { limitOn, smallTable, startMs } from '#test/support/limit-bench.ts'
import type { Limit, Policy } from '../policies/policy.ts'
import { createLimiter } from './limiter.ts'
import { quotaAccount } from './quota-account.ts'
import type { RequestLimits } from './request-limits.ts'

type Given = Pick<LimitRule, 'algorithm' | 'limit' | 'windowMs' | 'isShadow'>

interface Meanwhile {
  readonly limits: readonly Limit[]
  /** Takes units of the quota. */
  readonly hold: (units: number) => void
}

/** Everything that a request is counted against, on a table of its own; `meanwhile` comes before the last limit takes. */
function counting(rules: readonly Given[], ceiling: number, meanwhile?: (counted: Meanwhile) => void) {
  const table = smallTable()
  const account = quotaAccount(table)
  const month = account.monthOf('sub_1', monthOf(startMs))
  const counted: (readonly [kind: string, isShadow: boolean])[] = []
  const take = createLimiter({
    account,
    metrics: { rateLimited: (kind, isShadow = false) => counted.push([kind, isShadow]), limitTableFull() {} },
    upgradeUrl: () => '/more',
  })
  const limits = rules.map((rule, index) => limitOn(table, rule.algorithm, rule, String(index)))
  const last = limits.at(-1)
  const hold = (units: number): void => void account.hold(month, units, ceiling, startMs)
  const disturbed = limits.map((limit) => {
    if (meanwhile === undefined || limit !== last) return limit
    const take: Policy['take'] = (one, at) => {
      meanwhile({ limits, hold })
      return limit.policy.take(one, at)
    }
    return { ...limit, policy: { ...limit.policy, take } }
  })
  const all: RequestLimits = {
    limits: disturbed,
    rules: limits.map(({ rule }) => rule),
    quota: {
      rule: { limit: ceiling, mode: 'hard', gracePct: 0 },
      ceiling,
      at: () => month,
      used: () => account.taken(month),
      spend: null,
    },
  }
  const standing = (at: number): number[] => [
    ...limits.map((limit) => limit.policy.remaining(limit, at)),
    account.taken(month),
  ]
  return { take: (units: number, at: number) => take(all, units, at), limits, standing, counted }
}

const rules = fc.array(
  fc.record({
    algorithm: fc.constantFrom('token_bucket', 'fixed_window', 'sliding_window', 'concurrency'),
    limit: fc.integer({ min: 0, max: 6 }),
    windowMs: fc.integer({ min: 1, max: 20 }).map((count) => count * 1_000),
    isShadow: fc.boolean(),
  }),
  { maxLength: 6 },
)
const requests = fc.array(
  fc.record({
    gapMs: fc.integer({ min: 0, max: 3_000 }),
    units: fc.integer({ min: 0, max: 4 }),
    ends: fc.boolean(),
  }),
  { maxLength: 80 },
)

describe('several limits on one request', () => {
  it('are all taken or none: a refused request has cost nothing in any of them', () => {
    fc.assert(
      fc.property(rules, requests, fc.integer({ min: 0, max: 100 }), (given, order, ceiling) => {
        const { take, limits, standing, counted } = counting(given, ceiling)
        const open: { readonly holds: { settle(used: number): void }; readonly units: number }[] = []
        let at = startMs
        for (const { gapMs, units, ends } of order) {
          at += gapMs
          const before = standing(at)
          const told = counted.length
          const isFree = limits.every(({ rule }, index) => rule.isShadow || (before[index] ?? 0) > 0)
          const taken = take(units, at)
          expect('settle' in taken).toBe(isFree && (before.at(-1) ?? 0) + units <= ceiling)
          if (!('settle' in taken)) {
            expect(standing(at)).toEqual(before)
            expect(counted.length).toBe(told)
            continue
          }
          expect(standing(at).slice(0, -1)).toEqual(before.slice(0, -1).map((left) => Math.max(0, left - 1)))
          const wouldRefuse = limits.filter(({ rule }, index) => rule.isShadow && before[index] === 0)
          expect(counted.slice(told)).toEqual(
            wouldRefuse.map(({ rule }) => [rule.algorithm === 'concurrency' ? 'concurrency' : 'rate', true]),
          )
          open.push({ holds: taken, units })
          if (ends) for (const { holds, units: held } of open.splice(0)) holds.settle(held)
        }
        for (const { holds } of open) holds.settle(0)
        for (const limit of limits)
          if (limit.rule.algorithm === 'concurrency')
            expect(limit.policy.remaining(limit, at)).toBe(limit.rule.limit)
      }),
    )
  })

  it('name the longest wait of those that refuse', () => {
    const { take } = counting(
      [
        { algorithm: 'fixed_window', limit: 1, windowMs: 1_000, isShadow: false },
        { algorithm: 'token_bucket', limit: 1, windowMs: 30_000, isShadow: false },
        { algorithm: 'fixed_window', limit: 1, windowMs: 86_400_000, isShadow: true },
      ],
      10,
    )
    expect('settle' in take(1, startMs)).toBe(true)
    expect(take(1, startMs)).toMatchObject({
      code: 'rate_limit_exceeded',
      details: { name: 'test', limit: 1, window_seconds: 30, retry_after: 30 },
      retryAfterSeconds: 30,
    })
  })

  it('are settled once, however often that is told', () => {
    const rule = { algorithm: 'concurrency', limit: 2, windowMs: 1_000, isShadow: false } as const
    const { take, standing } = counting([rule], 10)
    const [one, other] = [take(3, startMs), take(3, startMs)]
    if (!('settle' in one) || !('settle' in other)) throw new Error('refused')
    expect(standing(startMs)).toEqual([0, 6])
    one.settle(1)
    one.settle(1)
    expect(standing(startMs)).toEqual([1, 4])
    other.settle(5)
    other.giveBack(5)
    expect(standing(startMs)).toEqual([2, 1])
  })

  const four = (['token_bucket', 'fixed_window', 'sliding_window', 'concurrency'] as const).map(
    (algorithm) => ({ algorithm, limit: 3, windowMs: 60_000, isShadow: false }),
  )

  it('give back what they took when another worker took the last of a limit in between', () => {
    const { take, standing } = counting(four, 10, ({ limits }) => {
      const last = limits.at(-1)
      for (let count = 0; count < 3; count++) last?.policy.take(last, startMs)
    })
    expect(take(1, startMs)).toMatchObject({ code: 'rate_limit_exceeded' })
    expect(standing(startMs)).toEqual([3, 3, 3, 0, 0])
  })

  it('give back what they took when another worker took the last of the quota in between', () => {
    const { take, standing } = counting(four, 10, ({ hold }) => hold(10))
    expect(take(1, startMs)).toMatchObject({ code: 'quota_exceeded', details: { used: 10 } })
    expect(standing(startMs)).toEqual([3, 3, 3, 3, 10])
  })
})
