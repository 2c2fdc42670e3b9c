import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { naiveTotal } from '#test/billing/naive-rater.ts'
import { naivePlans, starter, written } from '#test/billing/random-plans.ts'
import { microsOf } from '../money.ts'
import { type ChargeLine, sumOf } from './charge-line.ts'
import { type Price, rate, rateUse } from './price.ts'
import { type PriceFields, readPrice } from './read-price.ts'

function priceOf(over: Partial<PriceFields>): Price {
  const read = readPrice({ ...starter, ...over })
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  return read.price
}
const total = (over: Partial<PriceFields>, units: number): bigint => sumOf(rate(priceOf(over), units))

describe('flat', () => {
  test('starter with 15,000 requests costs 60.00 USD: a fee and 5,000 past the included ones', () => {
    expect(rate(priceOf({}), 15_000)).toEqual([
      { kind: 'base', description: 'Base fee', quantity: 1, unitMicros: 10_000_000n, amountMinor: 1000n },
      {
        kind: 'overage',
        description: 'Past the 10,000 included',
        quantity: 5000,
        unitMicros: 10_000n,
        amountMinor: 5000n,
      },
    ])
    expect(total({}, 15_000)).toBe(6000n)
  })

  test.each([
    [0, 1000n],
    [10_000, 1000n],
    [10_001, 1001n],
  ])('starter with %s requests costs %s cents', (units, cents) => {
    expect(total({}, units)).toBe(cents)
  })

  test('a price finer than a cent stands in for the price in cents and is rounded once', () => {
    const fine = { overage_unit_price: '0.000001', overage_price: 50 }
    expect(total(fine, 10_000 + 4_999)).toBe(1000n)
    expect(total(fine, 10_000 + 5_000)).toBe(1001n)
    expect(total(fine, 10_000 + 1_000_000)).toBe(1100n)
  })

  test.each(['hard', 'warn'])('a %s quota never bills overage', (quota_mode) => {
    expect(total({ quota_mode }, 20_000)).toBe(1000n)
  })

  test('an unlimited plan costs its fee', () => {
    expect(total({ requests_per_month: -1 }, 10_000_000)).toBe(1000n)
  })
})

const tiers = [
  { up_to: 100, unit_price: '0.10' },
  { up_to: 1000, unit_price: '0.05', fee: 200 },
  { from: 1001, unit_price: '0.01' },
]

test.each([
  ['graduated', 0, 0n],
  ['graduated', 100, 1000n],
  ['graduated', 101, 1205n],
  ['graduated', 1000, 1000n + 4500n + 200n],
  ['graduated', 1001, 1000n + 4500n + 200n + 1n],
  ['volume', 100, 1000n],
  ['volume', 101, 505n + 200n],
  ['volume', 1000, 5000n + 200n],
  ['volume', 1001, 1001n],
] as const)('%s tiers price %s units at %s cents', (price_model, units, cents) => {
  expect(total({ price_model, price_monthly: 0, tiers }, units)).toBe(cents)
})

test.each([
  ['19.99', 'USD', 1999n],
  ['4.35', 'USD', 435n],
  ['0.29', 'USD', 29n],
  ['1.005', 'USD', 101n],
  ['1.004999', 'USD', 100n],
  ['19.99', 'JPY', 20n],
  ['0.5', 'JPY', 1n],
  ['4.355', 'KWD', 4355n],
  ['0.0005', 'KWD', 1n],
])('one unit at %s %s is %s minor units', (unit_price, currency, minor) => {
  expect(total({ price_model: 'per_unit', price_monthly: 0, currency, unit_price }, 1)).toBe(minor)
})

test('packages are owed once they are begun', () => {
  const plan = { price_model: 'package', price_monthly: 0, package_size: 1000, unit_price: '2.50' }
  expect([0, 1, 1000, 1001].map((units) => total(plan, units))).toEqual([0n, 250n, 250n, 500n])
})

test('a percentage is a share of the metered amounts, rounded once', () => {
  const plan = { price_model: 'percentage', price_monthly: 0, basis_points: 290 }
  expect([100_00, 17, 18, 0].map((minor) => total(plan, minor))).toEqual([290n, 0n, 1n, 0n])
  expect(rate(priceOf(plan), 100)[0]).toMatchObject({ description: '2.9 %', basisPoints: 290, quantity: 100 })
})

test('a minimum commitment lifts what base and use leave short, and no more', () => {
  const plan = { minimum_commitment: 5000 }
  expect(rate(priceOf(plan), 11_000).at(-1)).toMatchObject({ kind: 'minimum', amountMinor: 3000n })
  expect(total(plan, 14_000)).toBe(5000n)
  expect(total(plan, 15_000)).toBe(6000n)
})

describe('an impossible price is refused with its field and reason', () => {
  test.each<[Partial<PriceFields>, string, RegExp]>([
    [{ price_monthly: -1 }, 'price_monthly', /0 or more/],
    [{ overage_price: -1 }, 'overage_price', /0 or more/],
    [{ currency: 'ABC' }, 'currency', /ISO 4217/],
    [{ currency: 'usd' }, 'currency', /ISO 4217/],
    [{ price_model: 'free' }, 'price_model', /one of flat/],
    [{ price_model: 'per_unit' }, 'unit_price', /must be a price/],
    [{ price_model: 'per_unit', unit_price: '-0.01' }, 'unit_price', /must be a price/],
    [{ price_model: 'package', unit_price: '1', package_size: 0 }, 'package_size', /1 or more/],
    [{ price_model: 'percentage', basis_points: 10_001 }, 'basis_points', /10000/],
    [{ price_model: 'volume' }, 'tiers', /list of 1 to 50/],
    [{ price_model: 'volume', tiers: [] }, 'tiers', /list of 1 to 50/],
    [{ price_model: 'volume', tiers: [1] }, 'tiers[0]', /must be an object/],
    [{ price_model: 'volume', tiers: [{ unit_price: 1 }] }, 'tiers[0].unit_price', /as text/],
    [{ price_model: 'volume', tiers: [{ unit_price: '1', fee: -1 }] }, 'tiers[0].fee', /0 or more/],
    [{ price_model: 'volume', tiers: [{ unit_price: '1', price: 2 }] }, 'tiers[0].price', /known field/],
    [{ price_model: 'volume', tiers: [{ up_to: 9, unit_price: '1' }] }, 'tiers[0].up_to', /last tier/],
    [
      { price_model: 'graduated', tiers: [{ unit_price: '1' }, { unit_price: '1' }] },
      'tiers[0].up_to',
      /above 0/,
    ],
    [
      {
        price_model: 'graduated',
        tiers: [
          { up_to: 9, unit_price: '1' },
          { from: 11, unit_price: '1' },
        ],
      },
      'tiers[1].from',
      /leaves a gap: the unit 10/,
    ],
    [
      {
        price_model: 'graduated',
        tiers: [
          { up_to: 9, unit_price: '1' },
          { from: 9, unit_price: '1' },
        ],
      },
      'tiers[1].from',
      /must be 10/,
    ],
    [
      {
        price_model: 'graduated',
        tiers: [{ up_to: 9, unit_price: '1' }, { up_to: 9, unit_price: '1' }, { unit_price: '1' }],
      },
      'tiers[1].up_to',
      /above 9/,
    ],
    [{ tiers: [{ unit_price: '1' }] }, 'tiers', /does not go with/],
  ])('%j', (over, field, reason) => {
    const read = readPrice({ ...starter, ...over })
    expect(read.ok ? [] : read.problems).toContainEqual({ field, reason: expect.stringMatching(reason) })
  })
})

const units = fc.nat(1500)

describe('for any plan and any use', () => {
  test('an independent rater that charges unit by unit comes to the same total', () => {
    fc.assert(
      fc.property(naivePlans, units, (plan, quantity) => {
        expect(sumOf(rate(written(plan), quantity))).toBe(naiveTotal(plan, quantity))
      }),
      { numRuns: 500 },
    )
  })

  test('split use costs what whole use costs, before rounding, under every model but volume', () => {
    const exact = (lines: readonly ChargeLine[], currency: string): bigint =>
      lines.reduce((sum, line) => {
        const basis = line.basisPoints
        if (basis === undefined) return sum + BigInt(line.quantity) * line.unitMicros * 10_000n
        return sum + microsOf({ amountMinor: BigInt(line.quantity) * BigInt(basis), currency })
      }, 0n)
    fc.assert(
      fc.property(
        naivePlans.filter(({ model }) => model !== 'volume'),
        fc.array(units, { minLength: 1, maxLength: 6 }),
        (plan, parts) => {
          const whole = written(plan)
          let from = 0
          let sum = 0n
          for (const part of parts) {
            sum += exact(rateUse(whole, { from, to: from + part }), whole.currency)
            from += part
          }
          expect(sum).toBe(exact(rateUse(whole, { from: 0, to: from }), whole.currency))
        },
      ),
      { numRuns: 500 },
    )
  })

  test('each unit is on one usage line: tiers have neither gap nor overlap', () => {
    fc.assert(
      fc.property(
        naivePlans.filter(({ model }) => model === 'graduated' || model === 'volume'),
        units,
        (plan, quantity) => {
          const lines = rateUse(written(plan), { from: 0, to: quantity }).filter(
            ({ kind }) => kind === 'tier',
          )
          expect(lines.reduce((sum, line) => sum + line.quantity, 0)).toBe(quantity)
        },
      ),
    )
  })

  test('more use never costs less, except where a volume tier makes all units cheaper', () => {
    fc.assert(
      fc.property(
        naivePlans.filter(({ model }) => model !== 'volume'),
        units,
        units,
        (plan, quantity, more) => {
          const whole = written(plan)
          expect(sumOf(rate(whole, quantity + more))).toBeGreaterThanOrEqual(sumOf(rate(whole, quantity)))
        },
      ),
    )
  })
})

test.each([
  [-1, 0],
  [5, 4],
  [0, 1.5],
  [0, 2 ** 53],
])('use from %s to %s is no use and fails loudly', (from, to) => {
  expect(() => rateUse(priceOf({}), { from, to })).toThrow(/cannot be rated/)
})
