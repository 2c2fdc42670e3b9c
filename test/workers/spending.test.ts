import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { ask } from '#test/support/bombard.ts'
import { type Customer, makeCustomer, makeRoute } from '#test/support/customer.ts'
import { lastingMonth } from '#test/support/lasting-month.ts'
import { startUpstream, type Upstream } from '#test/support/upstream.ts'
import { startWorkers, type WorkerHouse } from './worker-house.ts'

let upstream: Upstream
let house: WorkerHouse
let routeId = ''
beforeAll(async () => {
  upstream = await startUpstream()
  house = await startWorkers(4)
  routeId = (await makeRoute(house, upstream.url)).routeId
})
afterAll(async () => {
  await house.close()
  await upstream.close()
})
beforeEach(lastingMonth)

async function storm(key: string, requests: number): Promise<Readonly<Record<number, number>>> {
  const counts: Record<number, number> = {}
  const answers = await Promise.all(Array.from({ length: requests }, () => ask(`${house.url}/x`, key)))
  for (const answer of answers) counts[answer?.status ?? 0] = (counts[answer?.status ?? 0] ?? 0) + 1
  return counts
}

const priced = (): Promise<Customer> =>
  makeCustomer(house, {
    rate_limit_per_minute: -1,
    quota_mode: 'soft',
    requests_per_month: 100,
    overage_unit_price: '0.01',
  })

it('four workers serve of concurrent requests exactly what an organization may spend', async () => {
  const { key, organizationId } = await priced()
  await house.api('POST', `/api/organizations/${organizationId}/cap_spending`, { cap: 150 })
  expect(await storm(key, 600)).toEqual({ 200: 250, 402: 350 })
  expect(house.servedBy().size).toBeGreaterThan(1)
})

it('four workers serve of concurrent requests exactly what a key may spend', async () => {
  const { key, keyId } = await priced()
  await house.api('POST', `/api/api_keys/${keyId}/restrict`, { new_spend_cap: 130 })
  expect(await storm(key, 400)).toEqual({ 200: 130, 402: 270 })
})

it('four workers serve of concurrent requests exactly what a route may cost, and what it may cost after the cap was raised', async () => {
  const { key, organizationId } = await priced()
  expect(await storm(key, 30)).toEqual({ 200: 30 })
  const input = { organization_id: organizationId, route_id: routeId, cap: 120 }
  const { id } = (await house.api('POST', '/api/route_caps', input)).body.data
  expect(await storm(key, 300)).toEqual({ 200: 90, 402: 210 })
  await house.api('PATCH', `/api/route_caps/${id}`, { cap: 170 })
  expect(await storm(key, 200)).toEqual({ 200: 50, 402: 150 })
})

it('four workers serve of concurrent requests exactly what prepaid credit pays for, and go on with the next credit', async () => {
  const { key, organizationId } = await makeCustomer(house, {
    rate_limit_per_minute: -1,
    quota_mode: 'soft',
    requests_per_month: 0,
    overage_unit_price: '0.01',
    payment: 'prepaid',
  })
  const give = (amount: number) =>
    house.api('POST', '/admin/billing/credits', { organization_id: organizationId, amount })
  await give(60)
  expect(await storm(key, 200)).toEqual({ 200: 60, 402: 140 })
  await give(25)
  expect(await storm(key, 60)).toEqual({ 200: 25, 402: 35 })
  const counted = (await house.usageEvents()).filter((event) => event['organization_id'] === organizationId)
  expect(counted.reduce((sum, event) => sum + Number(event['units']), 0)).toBe(85)
})

it('a key that was revoked is refused by all workers from the next request on', async () => {
  const { key, keyId } = await priced()
  expect(await storm(key, 20)).toEqual({ 200: 20 })
  await house.api('POST', `/api/api_keys/${keyId}/revoke`)
  expect(await storm(key, 60)).toEqual({ 401: 60 })
})
