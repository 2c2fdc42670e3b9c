import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Customer, makeCustomer, makeRoute } from '#test/support/customer.ts'
import { frozenClock } from '#test/support/frozen-clock.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'
import { startUpstream, type Upstream } from '#test/support/upstream.ts'

const clock = frozenClock('2026-11-01T00:00:00.000Z')
let house: TestHouse
let upstream: Upstream
let customer: Customer
beforeAll(async () => {
  upstream = await startUpstream()
  house = await startHouse({ clock })
  await makeRoute(house, upstream.url)
})
afterAll(async () => {
  await house.close()
  await upstream.close()
})
beforeEach(async () => {
  customer = await makeCustomer(house, {
    requests_per_month: 2,
    quota_mode: 'soft',
    entitlements: { max_seats: 5, sso: true },
  })
})

const call = (headers: Record<string, string> = {}) =>
  fetch(`${house.running.gatewayUrl}/x`, { headers: { authorization: `Bearer ${customer.key}`, ...headers } })
const act = (action: string, body: object = {}) =>
  house.api('POST', `/api/subscriptions/${customer.subscriptionId}/${action}`, body)
const quota = async () => (await call()).headers.get('x-quota-limit')

test('the very next request after a change of plan has the limits and entitlements of the new one', async () => {
  expect(await quota()).toBe('2')
  expect(upstream.seen.at(-1)?.headers).toMatchObject({
    'x-entitlement-max-seats': '5',
    'x-entitlement-sso': 'true',
    'x-plan-id': customer.planId,
  })
  const wide = await house.create('plans', { name: `wide-${customer.planId}`, requests_per_month: 77 })
  await act('change_plan', { plan_id: wide.id })
  expect(await quota()).toBe('77')
  expect(upstream.seen.at(-1)?.headers['x-plan-id']).toBe(wide.id)
  expect(upstream.seen.at(-1)?.headers['x-entitlement-sso']).toBeUndefined()
})

test('an entitlement that a client claims in any spelling never reaches the upstream', async () => {
  await call({ 'X-Entitlement-Max-Seats': '999', x_entitlement_admin: '1', 'x-entitlement-': '' })
  const headers = upstream.seen.at(-1)?.headers ?? {}
  expect(headers['x-entitlement-max-seats']).toBe('5')
  expect(Object.keys(headers).filter((name) => /entitlement/.test(name))).toHaveLength(2)
})

test('a quota whose overage was sold stays with its price when the plan changes, and moves with the next plan', async () => {
  await house.api('PATCH', `/api/plans/${customer.planId}`, { requests_per_month: 50, overage_price: 9 })
  expect(await quota()).toBe('2')
  await act('change_plan', { plan_id: customer.planId })
  expect(await quota()).toBe('50')
})

test('a pause, a cancellation and an end refuse from the very next request on, and not before', async () => {
  await act('pause')
  expect((await call()).status).toBe(403)
  await act('resume')
  expect((await call()).status).toBe(200)
  await act('cancel')
  expect((await call()).status).toBe(200)
  clock.set('2026-12-01T00:00:00.000Z')
  expect((await call()).status).toBe(403)
  await house.running.house.subscriptions.carryOut()
  expect((await call()).status).toBe(403)
})
