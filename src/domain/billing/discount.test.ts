import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Discount, discountOf, holdsIn } from './discount.ts'

const half: Discount = {
  code: 'HALF',
  basisPoints: 5000,
  amountMinor: 0n,
  currency: '',
  duration: 'repeating',
  periods: 3,
  redeemedMs: Date.UTC(2026, 10, 21),
  planId: null,
}
const five: Discount = { ...half, basisPoints: 0, amountMinor: 500n, currency: 'USD' }
const month = { kind: 'calendar_month' } as const

describe('a coupon', () => {
  test('takes a percentage off in any currency, rounded half up once', () => {
    expect(discountOf(half, 1001n, 'KWD')).toBe(501n)
  })

  test('takes an amount off in its own currency only, and never more than there is', () => {
    expect(discountOf(five, 1000n, 'USD')).toBe(500n)
    expect(discountOf(five, 300n, 'USD')).toBe(300n)
    expect(discountOf(five, 1000n, 'EUR')).toBe(0n)
  })

  test.each([
    ['once', 10, true],
    ['once', 11, false],
    ['once', 9, false],
    ['repeating', 12, true],
    ['repeating', 13, false],
    ['forever', 130, true],
    ['forever', 9, false],
  ] as const)('that holds %s counts in month %s of 2026: %s', (duration, index, holds) => {
    expect(holdsIn({ ...half, duration }, month, Date.UTC(2026, index))).toBe(holds)
  })

  test('never makes an invoice negative', () => {
    fc.assert(
      fc.property(
        fc.bigInt(-100n, 10n ** 9n),
        fc.nat(10_000),
        fc.bigInt(0n, 10n ** 9n),
        (sum, basisPoints, amount) => {
          const off = discountOf({ ...five, basisPoints, amountMinor: amount }, sum, 'USD')
          expect(off >= 0n && (sum <= 0n ? off === 0n : off <= sum)).toBe(true)
        },
      ),
    )
  })
})
