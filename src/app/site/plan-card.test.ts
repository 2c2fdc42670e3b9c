import { expect, test } from 'vitest'
import type { PlanRow } from '#contract/rows.gen.ts'
import { planCard } from './plan-card.ts'

const plan = (fields: Partial<PlanRow>): PlanRow =>
  ({
    name: 'starter',
    description: '',
    rate_limit_per_minute: 60,
    requests_per_month: 10_000,
    quota_mode: 'soft',
    price_model: 'flat',
    currency: 'USD',
    price_monthly: 1000,
    overage_price: 1,
    overage_unit_price: '',
    unit_price: '',
    package_size: 1,
    basis_points: 0,
    tiers: null,
    minimum_commitment: 0,
    trial_days: 0,
    is_default: false,
    ...fields,
  }) as PlanRow

test('a flat plan tells its fee, what is included, what comes after it and how fast one may ask', () => {
  expect(planCard(plan({}))).toMatchObject({
    fee: '10.00 USD',
    lines: ['10,000 requests a month included', 'Then 0.01 USD for each request', '60 requests a minute'],
  })
})

for (const [name, fields, lines] of [
  ['a hard quota refuses', { quota_mode: 'hard' }, ['Up to 10,000 requests a month']],
  ['yen have no cents', { currency: 'JPY', overage_price: 5 }, ['Then 5 JPY for each request']],
  ['each unit', { price_model: 'per_unit', unit_price: '0.000125' }, ['0.000125 USD for each request']],
  [
    'packages',
    { price_model: 'package', unit_price: '2', package_size: 1000 },
    ['2.00 USD for every 1,000 requests begun'],
  ],
  ['a share', { price_model: 'percentage', basis_points: 125 }, ['1.25 % of the amounts you process']],
  [
    'tiers',
    { price_model: 'graduated', tiers: [{ up_to: 1000, unit_price: '0.01' }, { unit_price: '0.004' }] },
    ['Units 1 to 1,000: 0.01 USD each', 'Units from 1,001: 0.004 USD each'],
  ],
  ['a minimum and a trial', { minimum_commitment: 500, trial_days: 14 }, ['At least 5.00 USD a month']],
] as const)
  test(`the price of ${name} is told exactly`, () => {
    expect(planCard(plan(fields as Partial<PlanRow>))?.lines).toEqual(expect.arrayContaining([...lines]))
  })

test('what costs by use is not called free because it has no fee', () => {
  const card = planCard(plan({ price_monthly: 0, price_model: 'per_unit', unit_price: '1' }))
  expect(card).toMatchObject({ fee: '0.00 USD', isFree: false })
  expect(planCard(plan({ price_monthly: 0, quota_mode: 'hard' }))?.fee).toBe('Free')
})

test('a price that nobody could be charged by is not shown at all', () => {
  expect(planCard(plan({ price_model: 'graduated', tiers: [] }))).toBeUndefined()
})
