import fc from 'fast-check'
import { expect, test } from 'vitest'
import { recurringAt, recurringMinor } from './recurring-revenue.ts'

const price = (baseMinor: bigint, minimumMinor = 0n) => ({ baseMinor, minimumMinor })

test('only what goes on by itself and is paid for recurs', () => {
  const statuses = ['active', 'past_due', 'trialing', 'paused', 'cancelled', 'ended', 'incomplete']
  expect(statuses.map((status) => recurringMinor(price(1000n), status))).toEqual([
    1000n,
    1000n,
    0n,
    0n,
    0n,
    0n,
    0n,
  ])
})

test('a minimum commitment above the fee is what recurs', () => {
  expect(recurringMinor(price(1000n, 5000n), 'active')).toBe(5000n)
  expect(recurringMinor(price(1000n, 500n), 'active')).toBe(1000n)
  expect(recurringMinor(undefined, 'active')).toBe(0n)
})

test('a level of the past is what it is now without what came since', () => {
  const steps = [
    { atMs: 20, amountMinor: 500n },
    { atMs: 10, amountMinor: 1000n },
    { atMs: 30, amountMinor: -1000n },
  ]
  expect(recurringAt(500n, steps, [10, 11, 21, 30, 31])).toEqual([0n, 1000n, 1500n, 1500n, 500n])
})

test('taking back from now says the same as adding up from the beginning', () => {
  const step = fc.record({ atMs: fc.integer({ min: 0, max: 99 }), amountMinor: fc.bigInt(-9999n, 9999n) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const upTo = (endMs: number) =>
        steps.filter(({ atMs }) => atMs < endMs).reduce((sum, { amountMinor }) => sum + amountMinor, 0n)
      const ends = Array.from({ length: 101 }, (_, at) => at)
      expect(recurringAt(upTo(100), steps, ends)).toEqual(ends.map(upTo))
    }),
  )
})
