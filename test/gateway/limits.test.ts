import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeCustomer, makeRoute } from '#test/support/customer.ts'
import { frozenClock } from '#test/support/frozen-clock.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'
import { startUpstream, type Upstream } from '#test/support/upstream.ts'

const clock = frozenClock()
let house: TestHouse
let upstream: Upstream

beforeAll(async () => {
  upstream = await startUpstream()
  house = await startHouse({ clock })
  await makeRoute(house, upstream.url)
})
afterAll(async () => {
  await house.close()
  await upstream.close()
})

const call = (key: string, path = '/x') =>
  fetch(`${house.url}${path}`, { headers: { authorization: `Bearer ${key}` } })
const numbers = (response: Response, ...names: string[]) =>
  names.map((name) => Number(response.headers.get(name)))

describe('the rate limit', () => {
  it('admits exactly its number of 200 requests that arrive at once', async () => {
    const { key } = await makeCustomer(house, { rate_limit_per_minute: 60 })
    const responses = await Promise.all(Array.from({ length: 200 }, () => call(key)))
    expect(responses.filter((response) => response.status === 200)).toHaveLength(60)
    const refused = responses.filter((response) => response.status === 429)
    expect(refused).toHaveLength(140)
    expect(refused[0]?.headers.get('retry-after')).toBe('1')
    expect(await refused[0]?.json()).toMatchObject({
      success: false,
      error: { type: 'rate_limit_exceeded', code: 'RATE_LIMIT_EXCEEDED' },
    })
  })

  it('serves again after the time that Retry-After names, and not before', async () => {
    const { key } = await makeCustomer(house, { rate_limit_per_minute: 2 })
    expect([(await call(key)).status, (await call(key)).status]).toEqual([200, 200])
    const refused = await call(key)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '30'])
    clock.advance(29_999)
    expect((await call(key)).status).toBe(429)
    clock.advance(1)
    expect((await call(key)).status).toBe(200)
  })

  it('is shared by the keys of a subscription, or kept per key where the plan says so', async () => {
    for (const [scope, expected] of [
      ['subscription', 429],
      ['key', 200],
    ] as const) {
      const customer = await makeCustomer(house, { rate_limit_per_minute: 1, rate_limit_scope: scope })
      const second = await house.create('api_keys', { user_id: customer.userId })
      expect((await call(customer.key)).status).toBe(200)
      expect((await call(second.key)).status, scope).toBe(expected)
    }
  })

  it('tells where the caller stands, in both spellings', async () => {
    const { key } = await makeCustomer(house, { rate_limit_per_minute: 60, requests_per_month: 1_000 })
    await call(key)
    const response = await call(key)
    expect(numbers(response, 'x-ratelimit-limit', 'x-ratelimit-remaining')).toEqual([60, 58])
    expect(numbers(response, 'x-ratelimit-reset')).toEqual([clock.now() / 1000 + 2])
    expect(numbers(response, 'x-quota-limit', 'x-quota-used', 'x-quota-remaining')).toEqual([1_000, 2, 998])
    expect(numbers(response, 'x-quota-reset')).toEqual([Date.parse('2026-12-01T00:00:00Z') / 1000])
    expect(response.headers.get('ratelimit-policy')).toBe('"rate";q=60;w=60, "quota";q=1000;w=2592000')
    expect(response.headers.get('ratelimit')).toMatch(/^"rate";r=58;t=2, "quota";r=998;t=\d+$/)
  })
})

describe('the quota', () => {
  it('refuses request limit+1 with 402 and a way to get more, and the refusal takes no token', async () => {
    const { key } = await makeCustomer(house, { rate_limit_per_minute: 10, requests_per_month: 3 })
    for (let count = 0; count < 3; count++) expect((await call(key)).status).toBe(200)
    const refused = await call(key)
    expect(refused.status).toBe(402)
    expect(numbers(refused, 'x-ratelimit-remaining', 'x-quota-used', 'x-quota-remaining')).toEqual([7, 3, 0])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(86_400)
    expect(((await refused.json()) as { error: unknown }).error).toMatchObject({
      type: 'quota_exceeded',
      details: { limit: 3, used: 3, upgrade_url: '/portal/billing' },
    })
  })

  it('admits exactly its number of requests that arrive at once', async () => {
    const { key } = await makeCustomer(house, { rate_limit_per_minute: -1, requests_per_month: 25 })
    const responses = await Promise.all(Array.from({ length: 100 }, () => call(key)))
    expect(responses.filter((response) => response.status === 200)).toHaveLength(25)
    expect(responses.filter((response) => response.status === 402)).toHaveLength(75)
  })

  it('is not used by what the rate limit refused', async () => {
    const { key } = await makeCustomer(house, { rate_limit_per_minute: 1, requests_per_month: 100 })
    await call(key)
    expect(numbers(await call(key), 'x-quota-used')).toEqual([1])
  })

  it('is given back when the upstream fails, and not taken for its errors of 500 and above', async () => {
    const { key, subscriptionId } = await makeCustomer(house, { requests_per_month: 100 })
    upstream.answer((_request, response) => {
      response.statusCode = 503
      response.end()
    })
    expect((await call(key)).status).toBe(503)
    upstream.answer((_request, response) => {
      response.statusCode = 404
      response.end()
    })
    expect((await call(key)).status).toBe(404)
    upstream.answer((_request, response) => response.destroy())
    expect((await call(key)).status).toBe(502)
    upstream.answer((_request, response) => void response.end('ok'))
    expect(numbers(await call(key), 'x-quota-used')).toEqual([2])
    const events = (await house.usageEvents()).filter((event) => event['subscription_id'] === subscriptionId)
    expect(events.map((event) => [event['status'], event['units']]).sort()).toEqual([
      [200, 1],
      [404, 1],
      [502, 0],
      [503, 0],
    ])
  })

  it('lets a soft plan go on past its included requests', async () => {
    const { key } = await makeCustomer(house, { requests_per_month: 1, quota_mode: 'soft' })
    await call(key)
    const over = await call(key)
    expect(over.status).toBe(200)
    expect(numbers(over, 'x-quota-used', 'x-quota-remaining')).toEqual([2, 0])
  })

  it('begins anew with the calendar month in UTC', async () => {
    const { key } = await makeCustomer(house, { requests_per_month: 1 })
    clock.set('2026-11-30T23:59:59.999Z')
    expect((await call(key)).status).toBe(200)
    expect((await call(key)).status).toBe(402)
    clock.set('2026-12-01T00:00:00.000Z')
    const first = await call(key)
    expect([first.status, ...numbers(first, 'x-quota-used')]).toEqual([200, 1])
  })

  it('continues after a restart from what was recorded', async () => {
    const own = await startHouse({ clock })
    const { dataDirectory, token } = own
    await makeRoute(own, upstream.url)
    const { key } = await makeCustomer(own, { requests_per_month: 10 })
    const ask = (base: string) => fetch(`${base}/x`, { headers: { 'x-api-key': key } })
    for (let count = 0; count < 4; count++) await (await ask(own.url)).text()
    await own.running.close()
    const again = await startHouse({ clock, token, overrides: { dataDirectory } })
    expect(numbers(await ask(again.url), 'x-quota-used')).toEqual([5])
    await again.close()
  })
})
