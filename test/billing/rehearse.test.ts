import { expect, test } from 'vitest'
import { openBillingHouse } from './billing-house.ts'

test('a draft of a plan is rated with the use that really was, by customer, and nothing is written', async () => {
  const billing = await openBillingHouse('2026-10-01T00:00:00.000Z')
  const light = await billing.customer('starter')
  const heavy = await billing.customer('starter')
  await billing.customer('pro')
  await billing.use(light, '2026-10-05T12:00:00Z', 10, 100)
  await billing.use(heavy, '2026-10-05T12:00:00Z', 150, 100)
  await billing.use(heavy, '2026-11-05T12:00:00Z', 120, 100)
  billing.clock.set('2026-12-02T00:00:00.000Z')
  const draft = 'plan: starter\nprice_monthly: 2000\noverage_unit_price: "0.005"\n'
  const { rehearse } = billing.house.subscriptions
  expect(await rehearse(draft, { from: '2026-10', to: '2026-11' })).toMatchObject({
    ok: true,
    value: {
      plan: 'starter',
      currency: 'USD',
      now: 2 * 1000 + 1000 + 5000 + 1000 + 2000,
      draft: 2 * 2000 + 2000 + 2500 + 2000 + 1000,
      customers: [
        { organization: 'Customer 1', periods: 2, units: 1000, now: 2000, draft: 4000, change: 2000 },
        { organization: 'Customer 2', periods: 2, units: 27_000, now: 9000, draft: 7500, change: -1500 },
      ],
    },
  })
  const plan = await billing.house.engine.records.getBy('plan', 'name', 'starter')
  expect(plan?.price_monthly).toBe(1000)
})

test.each([
  ['plan: nobody', {}, 'plan'],
  ['plan: starter\nprice_monthly: -1', {}, 'price_monthly'],
  ['plan: starter\nprice_monthly: "10"', {}, 'price_monthly'],
  ['plan: starter\nrate_limit_per_minute: 1', {}, 'rate_limit_per_minute'],
  ['plan: starter\ncurrency: EUR', {}, 'currency'],
  ['plan: starter', { from: '2026-13' }, 'from'],
  ['plan: starter', { to: '2026-09' }, 'to'],
  ['plan: starter', { to: '2036-09' }, 'to'],
])('%j with %j is refused by its field', async (draft, months, field) => {
  const billing = await openBillingHouse()
  const refused = await billing.house.subscriptions.rehearse(draft, {
    from: '2026-10',
    to: '2026-10',
    ...months,
  })
  expect(refused).toMatchObject({ ok: false, details: { field } })
})
