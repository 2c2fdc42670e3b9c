import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { monthOf } from '#domain/period.ts'
import { limitOn, smallTable, startMs } from '#test/support/limit-bench.ts'
import { uncounted } from '../policies/policy.ts'
import { openLimitTable } from './limit-table.ts'
import { quotaAccount } from './quota-account.ts'
import { mostValue } from './shared-words.ts'
import { mostWorkers } from './slot-region.ts'
import { layoutOf, placeOf } from './table-layout.ts'

describe('a table that many come to', () => {
  it('never forgets a count that is in force, and lets pass uncounted what it has no room for', () => {
    const table = smallTable()
    const limit = limitOn(table, 'fixed_window', { limit: 1 }, 'the one')
    expect(limit.policy.take(limit, startMs)).toBeGreaterThanOrEqual(0)
    const answers = Array.from({ length: 5_000 }, (_, index) => {
      const one = limitOn(table, 'fixed_window', { limit: 1 }, `address ${index}`)
      return one.policy.take(one, startMs)
    })
    expect(answers.filter((slot) => slot >= 0)).toHaveLength(63)
    expect(answers.filter((slot) => slot === uncounted)).toHaveLength(5_000 - 63)
    expect(limit.policy.take(limit, startMs)).toBe(-1)
    const later = limitOn(table, 'token_bucket', { limit: 1 }, 'somebody new')
    expect(later.policy.take(later, startMs)).toBe(uncounted)
    expect(later.policy.take(later, startMs + 60_000)).toBeGreaterThanOrEqual(0)
  })

  it('counts each scope for itself and exactly, however slots change hands', () => {
    const visits = fc.array(
      fc.record({
        scope: fc.integer({ min: 0, max: 40 }),
        algorithm: fc.constantFrom('fixed_window', 'token_bucket', 'sliding_window'),
        gapMs: fc.integer({ min: 0, max: 2_000 }),
      }),
      { maxLength: 300 },
    )
    fc.assert(
      fc.property(visits, (order) => {
        const [little, roomy] = [smallTable(1, 8), smallTable(1, 1_024)]
        let at = startMs
        for (const { scope, algorithm, gapMs } of order) {
          at += gapMs
          const rule = { limit: 2, windowMs: 3_000 }
          const here = limitOn(little, algorithm, rule, String(scope))
          const slot = here.policy.take(here, at)
          if (slot === uncounted) continue
          const there = limitOn(roomy, algorithm, rule, String(scope))
          expect(slot >= 0).toBe(there.policy.take(there, at) >= 0)
        }
      }),
    )
  })

  it('keeps the counts of addresses apart from those of customers', () => {
    const table = smallTable()
    for (let index = 0; index < 1_000; index++) {
      const key = table.key(`address ${index}`)
      table.addresses.rate.findOrMake(key, table.timeOf(startMs), table.timeOf(startMs))
    }
    const limit = limitOn(table, 'token_bucket')
    expect(limit.policy.take(limit, startMs)).toBeGreaterThanOrEqual(0)
  })

  it('tells scopes apart', () => {
    const table = smallTable()
    const keys = Array.from({ length: 100_000 }, (_, index) => table.key(`key:key_${index}|burst`))
    expect(new Set(keys.map(({ low, high }) => `${low}|${high}`)).size).toBe(100_000)
    for (const part of ['low', 'high'] as const)
      expect(new Set(keys.map((key) => key[part] & 0xffff)).size).toBeGreaterThan(50_000)
  })
})

describe('a worker that ended while it took a slot', () => {
  it.each([
    ['before it wrote its key', 0],
    ['after it', mostWorkers],
  ])('keeps nobody from counting, and its slot is free again when it is released: %s', (_when, marks) => {
    const table = smallTable(2)
    const key = table.key('contested')
    const layout = layoutOf({ rates: 64, slidings: 64, places: 64, quotas: 64 }, 2)
    const views = { big: new BigInt64Array(table.buffer), ints: new Int32Array(table.buffer) }
    const { statesAt, keysAt } = placeOf(views, layout.regions.rate)
    const slot = key.low & 63
    const reservedByWorker1 = BigInt(mostValue + 1 + (marks + 1) * 65_536 + 7)
    views.big[statesAt + slot] = (BigInt(table.timeOf(startMs)) << 27n) | reservedByWorker1
    views.ints.set([key.low, key.high], keysAt + 2 * slot)

    const { rate } = table.known
    const now = table.timeOf(startMs)
    expect(rate.find(key)).toBe(-1)
    const made = rate.findOrMake(key, now, now)
    expect(made).toBeGreaterThanOrEqual(0)
    expect(rate.find(table.key('contested'))).toBe(made)
    table.releaseWorker(1)
    const other = { ...table.key('another'), low: key.low }
    expect(rate.findOrMake(other, now, now)).toBe(slot)
  })
})

describe('the quota counters', () => {
  const november = monthOf(startMs)
  const december = monthOf(november.end)

  it('count each month for itself; what a request of the last one gives back does not reach into the next', () => {
    const account = quotaAccount(smallTable())
    const last = account.monthOf('sub_1', november)
    const next = account.monthOf('sub_1', december)
    const slot = account.hold(last, 5, 10, november.end - 1)
    expect(account.hold(next, 10, 10, november.end)).toBeGreaterThanOrEqual(0)
    account.settle(last, slot, 5, 2)
    expect([account.taken(last), account.taken(next)]).toEqual([2, 10])
  })

  it('hold exactly to the ceiling, in one or in many, also in the millions of millions', () => {
    const amounts = fc.array(fc.integer({ min: 0, max: 1_000_000_000_000 }), { maxLength: 50 })
    fc.assert(
      fc.property(amounts, fc.integer({ min: 0, max: 20_000_000_000_000 }), (units, ceiling) => {
        const account = quotaAccount(smallTable())
        const month = account.monthOf('sub_1', november)
        let taken = 0
        for (const [index, amount] of units.entries()) {
          const slot = account.hold(month, amount, ceiling, startMs)
          expect(slot >= 0).toBe(taken + amount <= ceiling)
          if (slot < 0) continue
          const used = index % 2 === 0 ? amount : Math.floor(amount / 3)
          account.settle(month, slot, amount, used)
          taken += used
          expect(account.taken(month)).toBe(taken)
        }
      }),
    )
  })

  it('are reused a day after their month, not before', () => {
    const table = smallTable(1, 1)
    const account = quotaAccount(table)
    const dayMs = 86_400_000
    expect(account.hold(account.monthOf('sub_1', november), 1, 1, startMs)).toBe(0)
    const next = account.monthOf('sub_2', december)
    expect(account.hold(next, 1, 1, november.end + dayMs)).toBe(uncounted)
    expect(account.hold(next, 1, 1, november.end + dayMs + 1)).toBe(0)
    expect(account.taken(next)).toBe(1)
  })

  it('go on from what was used before', () => {
    const table = smallTable()
    const account = quotaAccount(table)
    account.fill('sub_1', november, 7)
    table.releaseWorker(0)
    expect(account.taken(account.monthOf('sub_1', november))).toBe(7)
  })
})

describe('the shared buffer', () => {
  it('is opened only where it is a table and has such a worker', () => {
    const { buffer } = smallTable(2)
    expect(openLimitTable(buffer, 1).workerNumber).toBe(1)
    expect(() => openLimitTable(buffer, 2)).toThrow('no worker 2')
    expect(() => openLimitTable(new SharedArrayBuffer(8), 0)).toThrow('no table')
  })
})
