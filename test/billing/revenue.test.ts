import { expect, test } from 'vitest'
import { openBillingHouse } from './billing-house.ts'

/** What a currency of the report says, without the days of which there are too many. */
async function reportOf(house: Awaited<ReturnType<typeof openBillingHouse>>, days = '10') {
  const report = await house.house.billing.reportRevenue({ days })
  if (!report.ok) throw new Error(report.message)
  const usd = report.value.currencies.find(({ currency }) => currency === 'USD')
  return { ...report.value, usd, mrr: usd?.days.map(({ mrr }) => mrr) }
}

test('recurring revenue follows what people have, from the day on that they have it', async () => {
  const house = await openBillingHouse('2026-11-02T10:00:00.000Z')
  const first = await house.customer('starter')
  await house.customer('free')
  house.clock.set('2026-11-04T00:00:00.000Z')
  const second = await house.customer('starter')
  house.clock.set('2026-11-05T12:00:00.000Z')
  const pro = await house.house.engine.records.getBy('plan', 'name', 'pro')
  await house.write('subscription', 'change_plan', { plan_id: pro?.id }, first.subscriptionId)
  house.clock.set('2026-11-06T23:59:59.999Z')
  await house.write('subscription', 'cancel', {}, second.subscriptionId)
  const report = await reportOf(house, '6')
  expect(report.mrr).toEqual([0, 1000, 1000, 2000, 6000, 5000])
  expect(report.usd).toMatchObject({ mrr: 5000, mrr_before: 0 })
  expect(report.paying_subscriptions).toBe(1)
  expect(report.sign_ups.total).toBe(3)
  expect(report.sign_ups.days.map(({ count }) => count)).toEqual([0, 2, 0, 1, 0, 0])
})

test('a plan that becomes dearer changes nothing of what is recurring until somebody buys it', async () => {
  const house = await openBillingHouse('2026-11-02T10:00:00.000Z')
  await house.customer('starter')
  const starter = await house.house.engine.records.getBy('plan', 'name', 'starter')
  await house.write('plan', 'update', { price_monthly: 9900 }, starter?.id)
  expect((await reportOf(house)).usd?.mrr).toBe(1000)
  await house.customer('starter')
  expect((await reportOf(house)).usd?.mrr).toBe(10_900)
})

test('revenue is what was paid, on the day that it was, and what is invoiced alone is owed', async () => {
  const house = await openBillingHouse('2026-11-02T10:00:00.000Z')
  await house.customer('starter')
  await house.runAt('2026-12-01T03:00:00.000Z')
  await house.runAt('2026-12-01T05:00:00.000Z')
  expect((await reportOf(house)).usd).toMatchObject({ revenue: 0, outstanding: 1000 })
  const [invoice] = await house.invoices()
  house.clock.set('2026-12-03T08:00:00.000Z')
  const paid = await house.house.billing.settle(invoice?.id ?? '', {
    id: 'bank 1',
    provider: 'manual',
    amountMinor: 1000n,
    currency: 'USD',
    paidAtMs: house.clock.now(),
  })
  expect(paid.ok).toBe(true)
  house.clock.set('2026-12-04T08:00:00.000Z')
  const { usd } = await reportOf(house, '3')
  expect(usd).toMatchObject({ revenue: 1000, revenue_before: 0, outstanding: 0 })
  expect(usd?.days.map(({ revenue }) => revenue)).toEqual([0, 1000, 0])
  house.clock.set('2026-12-06T08:00:00.000Z')
  expect((await reportOf(house, '3')).usd).toMatchObject({ revenue: 0, revenue_before: 1000 })
})

test('a wrong number of days is refused with its name', async () => {
  const { house } = await openBillingHouse()
  for (const days of ['0', '367', '-1', '1.5', 'x', ''])
    expect(await house.billing.reportRevenue({ days })).toMatchObject({ ok: false })
})
