import { describe, expect, test } from 'vitest'
import { monthOf } from '#domain/period.ts'
import { smallTable, startMs } from '#test/support/limit-bench.ts'
import { holdAll, settleUnits } from './hold-units.ts'
import { quotaAccount } from './quota-account.ts'
import type { Quota } from './request-limits.ts'

const month = monthOf(startMs)

/** A quota without end whose use is paid from credit; `ceiling` is asked anew each time, as others use the same credit. */
function prepaidQuota(ceiling: () => number) {
  const account = quotaAccount(smallTable())
  const [quotaMonth, stretch, key] = ['quota', 'credit', 'key'].map((name) => account.monthOf(name, month))
  if (quotaMonth === undefined || stretch === undefined || key === undefined) throw new Error('no counters')
  const prepaid = { at: () => stretch, ceiling, availableMinor: () => 0n, currency: 'USD' }
  const ofKey = { at: () => key, ceilingMicros: Number.POSITIVE_INFINITY, unitMicros: 1 }
  const spend = { organization: null, key: ofKey, route: null, prepaid }
  const quota = {
    ceiling: Number.POSITIVE_INFINITY,
    at: () => quotaMonth,
    used: () => account.taken(quotaMonth),
    spend,
  } as unknown as Quota
  return {
    hold: (units: number) => holdAll(account, quota, units, startMs),
    taken: () => [quotaMonth, key, stretch].map((counter) => account.taken(counter)),
  }
}

describe('a request that looked before another one took the same credit', () => {
  test('holds nothing at all where credit does not pay for its units', () => {
    const { hold, taken } = prepaidQuota(() => 3)
    expect(hold(2)).toMatchObject({ units: 2 })
    expect(hold(2)).toBe('credit')
    expect(taken()).toEqual([2, 2, 2])
    expect(hold(1)).toMatchObject({ units: 1 })
  })

  test('gives back what it held where the other stretch was faster', () => {
    const left = [3, 1]
    const { hold, taken } = prepaidQuota(() => left.shift() ?? 1)
    expect(hold(2)).toBe('credit')
    expect(taken()).toEqual([0, 0, 0])
  })

  test('is served where it costs nothing, and gives back all that it did not use', () => {
    const { hold, taken } = prepaidQuota(() => 3)
    expect(hold(0)).toMatchObject({ units: 0 })
    const held = hold(3)
    if (typeof held === 'string') throw new Error(held)
    settleUnits(held, 3, 1)
    expect(taken()).toEqual([1, 1, 1])
  })
})
