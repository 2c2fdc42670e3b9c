import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { discountsOf } from '#app/billing/coupons.ts'
import { type Customer, makeCustomer } from '#test/support/customer.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'

const time = { now: 0 }
const at = (text: string): void => {
  time.now = Date.parse(text)
}
let house: TestHouse
let customer: Customer
let starter: { id: string }
let pro: { id: string }

beforeEach(async () => {
  at('2026-11-01T00:00:00Z')
  house = await startHouse({ clock: { now: () => time.now } })
  const plans = (await house.api('GET', '/api/plans')).body.data as { id: string; name: string }[]
  const named = (name: string) => plans.find((plan) => plan.name === name) ?? { id: '' }
  starter = named('starter')
  pro = named('pro')
  customer = await makeCustomer(house, { price_monthly: 2000, requests_per_month: 5, quota_mode: 'soft' })
})
afterEach(() => house.close())

const path = (rest = ''): string => `/api/subscriptions/${customer.subscriptionId}${rest}`
const act = (action: string, body: unknown = {}) => house.api('POST', path(`/${action}`), body)
const row = async () => (await house.api('GET', path())).body.data
const log = async () =>
  (await house.api('GET', `/api/subscription_changes?subscription_id=${customer.subscriptionId}&sort=at`))
    .body.data

describe('a change of plan', () => {
  test('at once is prorated to the second, pins the price, and is noted with its fees', async () => {
    at('2026-11-16T00:00:00Z')
    expect((await act('change_plan', { plan_id: pro.id })).status).toBe(200)
    expect(await row()).toMatchObject({ plan_id: pro.id, status: 'active', pending_plan_id: null })
    expect((await log()).at(-1)).toMatchObject({
      at: '2026-11-16T00:00:00.000Z',
      reason: 'plan_changed',
      from_plan_id: customer.planId,
      to_plan_id: pro.id,
      currency: 'USD',
      credit: 1000,
      charge: 2500,
      unused_seconds: 15 * 86_400,
      period_seconds: 30 * 86_400,
    })
  })

  test('for the next period waits for it, and is carried out at its boundary though nobody ran then', async () => {
    at('2026-11-16T00:00:00Z')
    await act('schedule_plan', { plan_id: starter.id })
    expect(await row()).toMatchObject({ plan_id: customer.planId, pending_plan_id: starter.id })
    at('2027-01-03T10:00:00Z')
    await house.running.house.subscriptions.carryOut()
    expect(await row()).toMatchObject({
      plan_id: starter.id,
      pending_plan_id: null,
      current_period_start: '2027-01-01T00:00:00.000Z',
      current_period_end: '2027-02-01T00:00:00.000Z',
    })
    expect((await log()).at(-1)).toMatchObject({
      at: '2026-12-01T00:00:00.000Z',
      reason: 'scheduled_plan',
      credit: 0,
      charge: 0,
    })
    const before = await log()
    await Promise.all([
      house.running.house.subscriptions.carryOut(),
      house.running.house.subscriptions.carryOut(),
    ])
    expect(await log()).toEqual(before)
  })

  test('to a plan that was withdrawn meanwhile leaves the subscriber what they have', async () => {
    await act('schedule_plan', { plan_id: starter.id })
    await house.api('PATCH', `/api/plans/${starter.id}`, { enabled: false })
    at('2026-12-01T00:00:00Z')
    await house.running.house.subscriptions.carryOut()
    expect(await row()).toMatchObject({ plan_id: customer.planId, pending_plan_id: null })
  })

  test('to another currency is refused within the period, and can begin with the next one', async () => {
    const euro = await house.create('plans', { name: 'euro', currency: 'EUR', price_monthly: 900 })
    const refused = await act('change_plan', { plan_id: euro.id })
    expect(refused.status).toBe(400)
    expect(refused.body.error.details).toMatchObject({ field: 'plan_id' })
    expect((await act('schedule_plan', { plan_id: euro.id })).status).toBe(200)
    at('2026-12-01T00:00:00Z')
    await house.running.house.subscriptions.carryOut()
    expect(await row()).toMatchObject({ plan_id: euro.id })
  })
})

describe('a price that was sold', () => {
  test('stays what it was when the plan costs more, until the subscriber changes plans', async () => {
    const sold = (await row()).price_version_id
    await house.api('PATCH', `/api/plans/${customer.planId}`, { price_monthly: 9000 })
    expect((await row()).price_version_id).toBe(sold)
    expect((await house.api('GET', `/api/price_versions/${sold}`)).body.data).toMatchObject({
      version: 1,
      price_monthly: 2000,
    })
    await act('change_plan', { plan_id: pro.id })
    await act('change_plan', { plan_id: customer.planId })
    const now = await house.api('GET', `/api/price_versions/${(await row()).price_version_id}`)
    expect(now.body.data).toMatchObject({ version: 2, price_monthly: 9000 })
  })

  test.each(['PATCH', 'DELETE'])('cannot be changed: %s is refused', async (method) => {
    const sold = (await row()).price_version_id
    const refused = await house.api(method, `/api/price_versions/${sold}`, { price_monthly: 1 })
    expect([403, 404, 405]).toContain(refused.status)
  })

  test.each([
    [{ price_monthly: -5 }, 'price_monthly'],
    [{ currency: 'ABC' }, 'currency'],
    [{ price_model: 'volume' }, 'tiers'],
    [
      {
        price_model: 'graduated',
        tiers: [
          { up_to: 9, unit_price: '1' },
          { from: 11, unit_price: '1' },
        ],
      },
      'tiers[1].from',
    ],
    [{ entitlements: { seats: 'a\r\nX-Admin: 1' } }, 'entitlements.seats'],
  ])('cannot be made of %j', async (plan, field) => {
    const refused = await house.api('POST', '/api/plans', { name: 'impossible', ...plan })
    expect(refused.status).toBe(400)
    expect(refused.body.error.details.field).toBe(field)
  })
})

describe('a life cycle', () => {
  test('cancels at the end of the period, can be taken back before it, and ends by itself', async () => {
    at('2026-11-10T00:00:00Z')
    await act('cancel')
    expect(await row()).toMatchObject({ status: 'cancelled', ends_at: '2026-12-01T00:00:00.000Z' })
    await act('resume')
    expect(await row()).toMatchObject({ status: 'active', ends_at: null, cancelled_at: null })
    await act('cancel')
    at('2026-12-01T00:00:00Z')
    expect((await act('resume')).body.error.type).toBe('illegal_transition')
    await house.running.house.subscriptions.carryOut()
    expect(await row()).toMatchObject({ status: 'ended' })
    expect((await log()).map((change: { reason: string }) => change.reason)).toEqual([
      'created',
      'updated',
      'cancelled',
      'resumed',
      'cancelled',
      'ended',
    ])
  })

  test('does not forget a debt on the way over a pause or a cancellation', async () => {
    for (const action of ['pause', 'cancel']) {
      await house.api('PATCH', path(), { status: 'past_due' })
      await act(action)
      await act('resume')
      expect((await row()).status).toBe('past_due')
    }
  })

  test('is not resumed beside another one that took its place: nobody is charged twice for one API', async () => {
    await act('pause')
    const input = { organization_id: customer.organizationId, plan_id: pro.id }
    const second = await house.create('subscriptions', input)
    expect((await act('resume')).body.error).toMatchObject({
      type: 'conflict',
      details: { subscription_id: second.id },
    })
    expect((await house.api('PATCH', path(), { status: 'active' })).status).toBe(409)
    await house.api('PATCH', `/api/subscriptions/${second.id}`, { status: 'ended' })
    expect((await act('resume')).status).toBe(200)
  })

  test('does not begin in the future, as it is served from now on', async () => {
    await house.api('PATCH', path(), { status: 'ended' })
    const input = { organization_id: customer.organizationId, plan_id: pro.id }
    const refused = await house.api('POST', '/api/subscriptions', {
      ...input,
      started_at: '2026-12-24T00:00:00Z',
    })
    expect(refused.body.error.details.field).toBe('started_at')
  })

  test.each([
    [true, 'activate', 'active'],
    [true, 'pause', 'active'],
    [false, 'activate', 'active'],
    [false, 'pause', 'paused'],
    [false, 'cancel', 'ended'],
  ])('ends a trial with a payment method: %s, without: %s; then it is %s', async (isPaid, fate, status) => {
    customer = await makeCustomer(house, { price_monthly: 500, trial_days: 14, trial_without_payment: fate })
    const input = { organization_id: customer.organizationId, provider: 'dummy' }
    if (isPaid) await house.create('payment_methods', input)
    expect(await row()).toMatchObject({ status: 'trialing', trial_end: '2026-11-15T00:00:00.000Z' })
    at('2026-11-20T00:00:00Z')
    await house.running.house.subscriptions.carryOut()
    expect((await row()).status).toBe(status)
    expect((await log()).at(-1)).toMatchObject({ at: '2026-11-15T00:00:00.000Z', reason: 'trial_ended' })
  })
})

describe('a coupon', () => {
  test('is redeemed once by an organization, as often as it may be, and not after its time', async () => {
    await house.create('coupons', { code: 'WELCOME', basis_points: 2000, max_redemptions: 1 })
    expect((await act('redeem_coupon', { code: 'welcome' })).status).toBe(200)
    expect((await act('redeem_coupon', { code: 'WELCOME' })).body.error.type).toBe('conflict')
    customer = await makeCustomer(house)
    expect((await act('redeem_coupon', { code: 'WELCOME' })).body.error.type).toBe('conflict')
    await house.create('coupons', { code: 'LATE', basis_points: 1, expires_at: '2026-10-31T00:00:00Z' })
    expect((await act('redeem_coupon', { code: 'LATE' })).body.error.details.field).toBe('code')
    expect((await act('redeem_coupon', { code: 'NONE' })).body.error.details.field).toBe('code')
    await house.create('coupons', { code: 'EURO', amount_off: 100, currency: 'EUR' })
    expect((await act('redeem_coupon', { code: 'EURO' })).body.error.details.reason).toContain('EUR')
    const coupon = await house.api('GET', '/api/coupons/WELCOME')
    expect(coupon.body.data.times_redeemed).toBe(1)
    const { records } = house.running.house.engine
    const { items } = await records.list('coupon_redemption')
    expect(await discountsOf(records, items[0]?.subscription_id ?? '')).toEqual([
      {
        code: 'WELCOME',
        basisPoints: 2000,
        amountMinor: 0n,
        currency: '',
        duration: 'once',
        periods: 1,
        redeemedMs: time.now,
        planId: null,
      },
    ])
  })

  test.each([
    [{ code: 'NOTHING' }, 'basis_points'],
    [{ code: 'BOTH', basis_points: 5, amount_off: 5, currency: 'USD' }, 'basis_points'],
    [{ code: 'BARE', amount_off: 5 }, 'currency'],
  ])('%j is refused', async (input, field) => {
    expect((await house.api('POST', '/api/coupons', input)).body.error.details.field).toBe(field)
  })
})
