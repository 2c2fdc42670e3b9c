import { describe, expect, it } from 'vitest'
import type { Price } from '../pricing/price.ts'
import {
  balanceAt,
  type CreditAccount,
  type CreditedSubscription,
  committedMinor,
  type OpenStretch,
  openPeriods,
  stretchAt,
  unitsPaidFor,
} from './prepaid.ts'

const at = (text: string): number => Date.parse(`2026-${text}Z`)
const november = at('11-01T00:00')
const noon = at('11-21T12:00')
const common = { currency: 'USD', baseMinor: 0n, minimumMinor: 0n }
const cent: Price = { ...common, model: 'flat', includedUnits: 5, overageUnitMicros: 10_000n }

const subscription = (id: string, more: Partial<CreditedSubscription> = {}): CreditedSubscription => ({
  id,
  anchor: { kind: 'calendar_month' },
  billedUntilMs: november,
  proratesStart: false,
  changes: [{ atMs: november, planId: 'p', priceVersionId: null, status: 'active' }],
  discounts: [],
  ...more,
})

const account = (
  creditMinor: bigint,
  more: Partial<CreditAccount> = {},
  price: Price = cent,
): CreditAccount => ({
  organizationId: 'org',
  currency: 'USD',
  grants: [{ remainingMinor: creditMinor, expiresAtMs: null }],
  subscriptions: [subscription('one')],
  prices: new Map([['p', { price, planName: 'Prepaid' }]]),
  taxed: { organizationId: 'org', country: 'DE', isExempt: false },
  taxRates: [],
  ...more,
})

type Units = Readonly<Record<string, number>>
const unitsOf =
  (units: Units) =>
  ({ subscriptionId, fromMs }: OpenStretch): number =>
    units[`${subscriptionId} ${new Date(fromMs).toISOString().slice(5, 10)}`] ?? units[subscriptionId] ?? 0

function paidFor(of: CreditAccount, units: Units = {}, nowMs = noon, id = 'one'): number {
  const periods = openPeriods(of, nowMs)
  const stretch = stretchAt(periods, id, nowMs)
  if (stretch === undefined) throw new Error('no stretch')
  return unitsPaidFor(of, periods, stretch, unitsOf(units), nowMs)
}

function available(of: CreditAccount, units: Units, nowMs = noon): bigint {
  return balanceAt(of, nowMs) - committedMinor(of, openPeriods(of, nowMs), unitsOf(units))
}

describe('what credit pays for', () => {
  it('is what is included, and then one unit for each price of one', () => {
    expect([0n, 1n, 60n].map((credit) => paidFor(account(credit)))).toEqual([5, 6, 65])
    expect(available(account(60n), { one: 65 })).toBe(0n)
  })

  it('is what is included alone where credit is less than what was used', () => {
    expect(
      paidFor(account(3n, { subscriptions: [subscription('one'), subscription('two')] }), { two: 50 }),
    ).toBe(5)
  })

  it('is less by the base fee, and by what is missing to a minimum only until use has filled it', () => {
    expect(paidFor(account(60n, {}, { ...cent, baseMinor: 20n }))).toBe(45)
    expect(paidFor(account(60n, {}, { ...cent, baseMinor: 20n, minimumMinor: 50n }))).toBe(45)
    expect(paidFor(account(10n, {}, { ...cent, baseMinor: 20n, minimumMinor: 50n }))).toBe(35)
  })

  it('is less by a part of the base fee for what is left of a month that the days of a subscription moved into', () => {
    const moved = at('11-16T00:00')
    const since = { atMs: moved, before: { kind: 'start_day', startedMs: at('10-05T00:00') } } as const
    const anchor = { kind: 'calendar_month', since } as const
    const subscriptions = [subscription('one', { anchor, billedUntilMs: moved })]
    expect(paidFor(account(60n, { subscriptions }, { ...cent, baseMinor: 30n }))).toBe(50)
  })

  it('is less by tax, and more by a coupon', () => {
    const rate = {
      name: 'VAT',
      country: 'DE',
      organizationId: null,
      ppm: 200_000n,
      isInclusive: false,
      isCompound: false,
    }
    const taxRates = [{ ...rate, validFromMs: null, validUntilMs: null }]
    expect(paidFor(account(60n, { taxRates }))).toBe(55)
    const coupon = {
      code: 'HALF',
      basisPoints: 5_000,
      amountMinor: 0n,
      currency: '',
      duration: 'forever',
      periods: 0,
    } as const
    const discounts = [{ ...coupon, redeemedMs: november, planId: null }]
    // Half of 121 is rounded to 61 as the invoice rounds it: 60 are left to pay.
    expect(paidFor(account(60n, { subscriptions: [subscription('one', { discounts })] }))).toBe(126)
  })

  it('is without end where use costs nothing, and during a trial', () => {
    expect(
      paidFor(account(0n, {}, { ...common, model: 'flat', includedUnits: null, overageUnitMicros: 0n })),
    ).toBe(Infinity)
    const changes = [{ atMs: november, planId: 'p', priceVersionId: null, status: 'trialing' }]
    expect(paidFor(account(0n, { subscriptions: [subscription('one', { changes })] }))).toBe(Infinity)
  })
})

describe('what is drawn from credit but not invoiced', () => {
  const two = [subscription('one'), subscription('two')]

  it('is taken off for every subscription that the same credit pays for', () => {
    expect(paidFor(account(60n, { subscriptions: two }), { two: 25 })).toBe(45)
    expect(available(account(60n, { subscriptions: two }), { one: 15, two: 25 })).toBe(30n)
  })

  it('is that of the month before until its invoice is there, and then the invoice has drawn it', () => {
    const december = at('12-01T00:10')
    const before = account(60n)
    expect(paidFor(before, { 'one 11-01': 45, 'one 12-01': 3 }, december)).toBe(25)
    const after = account(20n, { subscriptions: [subscription('one', { billedUntilMs: at('12-01T00:00') })] })
    expect(paidFor(after, { 'one 12-01': 3 }, december)).toBe(25)
    expect(available(after, { 'one 12-01': 7 }, december)).toBe(
      available(before, { 'one 11-01': 45, 'one 12-01': 7 }, december),
    )
  })

  it('keeps the price that held, and what is included is there once', () => {
    const dear: Price = { ...cent, overageUnitMicros: 30_000n }
    const changes = ['p', 'dear'].map((planId, index) => ({
      atMs: at(index === 0 ? '11-01T00:00' : '11-20T00:00'),
      planId,
      priceVersionId: null,
      status: 'active',
    }))
    const prices = new Map([
      ['p', { price: cent, planName: 'a' }],
      ['dear', { price: dear, planName: 'b' }],
    ])
    const of = account(60n, { subscriptions: [subscription('one', { changes })], prices })
    expect(paidFor(of, { 'one 11-01': 35 })).toBe(10)
    expect(paidFor(of, { 'one 11-01': 2 })).toBe(3 + 20)
  })

  it('ends with the subscription', () => {
    const ended = subscription('two', {
      changes: [
        { atMs: november, planId: 'p', priceVersionId: null, status: 'active' },
        { atMs: at('11-10T00:00'), planId: 'p', priceVersionId: null, status: 'ended' },
      ],
    })
    const of = account(60n, { subscriptions: [subscription('one'), ended] })
    expect(
      openPeriods(of, at('12-15T00:00')).filter(({ subscription: { id } }) => id === 'two'),
    ).toHaveLength(1)
    expect(paidFor(of, { 'two 11-01': 15 })).toBe(55)
  })
})

it('credit that has expired pays for nothing, from that moment on', () => {
  const grants = [
    { remainingMinor: 10n, expiresAtMs: null },
    { remainingMinor: 50n, expiresAtMs: noon },
  ]
  expect([paidFor(account(0n, { grants }), {}, noon - 1), paidFor(account(0n, { grants }))]).toEqual([65, 15])
})

it('the invoice of as many units as are paid for is within the credit, and one unit more would not be', () => {
  const tier = (above: number, upTo: number | null, unitMicros: bigint, feeMinor = 0n) => ({
    above,
    upTo,
    unitMicros,
    feeMinor,
  })
  const prices: Price[] = [
    { ...common, model: 'flat', includedUnits: 10, overageUnitMicros: 10_000n, baseMinor: 7n },
    { ...common, model: 'per_unit', unitMicros: 30_000n, minimumMinor: 40n },
    { ...common, model: 'package', packageSize: 7, packageMicros: 90_000n },
    {
      ...common,
      model: 'graduated',
      tiers: [tier(0, 10, 0n), tier(10, 50, 20_000n, 25n), tier(50, null, 10_000n)],
    },
  ]
  for (const price of prices)
    for (const percent of [0n, 7n, 19n])
      for (const credit of [1n, 59n, 60n, 61n, 777n, 10_000n]) {
        const rate = {
          name: 'VAT',
          country: 'DE',
          organizationId: null,
          ppm: percent * 10_000n,
          isInclusive: false,
        }
        const taxRates = [{ ...rate, isCompound: false, validFromMs: null, validUntilMs: null }]
        const of = account(credit, { taxRates }, price)
        const units = paidFor(of)
        const free = available(of, {})
        if (available(of, { one: units }) < free)
          expect(available(of, { one: units })).toBeGreaterThanOrEqual(0n)
        expect(available(of, { one: units + 1 })).toBeLessThan(0n)
      }
})
