import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { flatTermsOf, type PlanPrice, priceFlatWithOverage } from './flat-with-overage.ts'

const starter: PlanPrice = {
  currency: 'USD',
  price_monthly: 1000,
  overage_price: 1,
  overage_unit_price: '',
  requests_per_month: 10_000,
  quota_mode: 'soft',
}
const total = (plan: PlanPrice, units: number) => priceFlatWithOverage(flatTermsOf(plan), units).total

describe('flat with overage', () => {
  test('starter with 15,000 requests costs 60.00 USD', () => {
    expect(priceFlatWithOverage(flatTermsOf(starter), 15_000)).toEqual({
      base: { amountMinor: 1000n, currency: 'USD' },
      overageUnits: 5000,
      overage: { amountMinor: 5000n, currency: 'USD' },
      total: { amountMinor: 6000n, currency: 'USD' },
    })
  })

  test.each([
    [0, 1000n],
    [10_000, 1000n],
    [10_001, 1001n],
  ])('starter with %s requests costs %s cents', (units, cents) => {
    expect(total(starter, units).amountMinor).toBe(cents)
  })

  test('a price finer than a cent stands in for the price in cents and is rounded once', () => {
    const fine = { ...starter, overage_unit_price: '0.000001', overage_price: 50 }
    expect(total(fine, 10_000 + 4_999).amountMinor).toBe(1000n)
    expect(total(fine, 10_000 + 5_000).amountMinor).toBe(1001n)
    expect(total(fine, 10_000 + 1_000_000).amountMinor).toBe(1100n)
  })

  test('an overage price in yen is whole yen', () => {
    const yen = { ...starter, currency: 'JPY', overage_price: 2 }
    expect(total(yen, 10_010)).toEqual({ amountMinor: 1020n, currency: 'JPY' })
  })

  test('an unlimited plan is flat', () => {
    const pro = { ...starter, requests_per_month: -1 }
    expect(priceFlatWithOverage(flatTermsOf(pro), 10_000_000)).toMatchObject({ overageUnits: 0 })
    expect(total(pro, 10_000_000).amountMinor).toBe(1000n)
  })

  test.each(['hard', 'warn'])('a %s quota never bills overage', (quota_mode) => {
    expect(total({ ...starter, quota_mode }, 20_000).amountMinor).toBe(1000n)
  })

  test('costs the same as summing each unit in integers, for prices of whole cents', () => {
    fc.assert(
      fc.property(
        fc.nat(1000),
        fc.nat(500),
        fc.nat(2000),
        fc.nat(100_000),
        (price, included, units, base) => {
          const plan = { ...starter, overage_price: price, requests_per_month: included, price_monthly: base }
          let expected = BigInt(base)
          for (let unit = 1; unit <= units; unit += 1) expected += unit > included ? BigInt(price) : 0n
          expect(total(plan, units).amountMinor).toBe(expected)
        },
      ),
    )
  })

  test('never falls when there is more use', () => {
    fc.assert(
      fc.property(fc.nat(10 ** 9), fc.nat(1000), fc.nat(999_999), (units, more, micros) => {
        const plan = { ...starter, overage_unit_price: `0.${String(micros).padStart(6, '0')}` }
        expect(total(plan, units + more).amountMinor).toBeGreaterThanOrEqual(total(plan, units).amountMinor)
      }),
    )
  })
})
