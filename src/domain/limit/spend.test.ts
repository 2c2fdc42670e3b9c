import { describe, expect, it } from 'vitest'
import type { Price } from '../pricing/price.ts'
import { capMicros, spendTermsOf } from './spend.ts'

const common = { currency: 'USD', baseMinor: 1_000n, minimumMinor: 0n }
const tier = (above: number, upTo: number | null, unitMicros: bigint, feeMinor = 0n) => ({
  above,
  upTo,
  unitMicros,
  feeMinor,
})

describe('what use costs beyond the base fee', () => {
  it('is nothing while units are included, and their price past them', () => {
    const terms = spendTermsOf({ ...common, model: 'flat', includedUnits: 100, overageUnitMicros: 8_000n })
    expect([100, 101, 350].map((units) => terms?.costMicros(units))).toEqual([0, 8_000, 2_000_000])
    expect([-5, 0, 7_999, 8_000, 20_000].map((micros) => terms?.unitsFor(micros))).toEqual([
      100, 100, 100, 101, 102,
    ])
  })

  it('does not exist where the base fee holds all of it', () => {
    expect(
      spendTermsOf({ ...common, model: 'flat', includedUnits: null, overageUnitMicros: 8_000n }),
    ).toBeNull()
    expect(spendTermsOf({ ...common, model: 'flat', includedUnits: 5, overageUnitMicros: 0n })).toBeNull()
    expect(spendTermsOf({ ...common, model: 'percentage', basisPoints: 0 })).toBeNull()
  })

  const prices: Price[] = [
    { ...common, model: 'flat', includedUnits: 10, overageUnitMicros: 3_333n },
    { ...common, model: 'per_unit', unitMicros: 1n },
    { ...common, model: 'package', packageSize: 7, packageMicros: 90_000n },
    { ...common, model: 'percentage', basisPoints: 275 },
    {
      ...common,
      model: 'graduated',
      tiers: [tier(0, 10, 0n), tier(10, 50, 20_000n, 25n), tier(50, null, 10_000n)],
    },
    {
      ...common,
      model: 'volume',
      tiers: [tier(0, 10, 500_000n), tier(10, 40, 100_000n), tier(40, null, 50_000n)],
    },
  ]
  it.each(prices)('buys as many units as a cap is worth, and one more would pass it: %o', (price) => {
    const terms = spendTermsOf(price)
    if (terms === null) throw new Error('costs nothing')
    for (const minor of [0, 1, 2, 9, 25, 26, 300, 501, 12_345]) {
      const micros = capMicros(minor, 'USD')
      const units = terms.unitsFor(micros)
      expect(terms.costMicros(units)).toBeLessThanOrEqual(micros)
      expect(terms.costMicros(units + 1)).toBeGreaterThan(micros)
    }
  })

  it('is exact in currencies without and with three decimals', () => {
    expect(capMicros(500, 'JPY')).toBe(500_000_000)
    expect(capMicros(500, 'KWD')).toBe(500_000)
  })
})
