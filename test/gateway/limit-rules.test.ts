import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeCustomer, makeRoute } from '#test/support/customer.ts'
import { frozenClock } from '#test/support/frozen-clock.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'
import { startUpstream, type Upstream } from '#test/support/upstream.ts'

const clock = frozenClock()
let house: TestHouse
let upstream: Upstream

beforeAll(async () => {
  upstream = await startUpstream()
  house = await startHouse({ clock, env: { APIGATE_TRUSTED_PROXIES: '127.0.0.1' } })
  await makeRoute(house, upstream.url)
})
afterAll(async () => {
  await house.close()
  await upstream.close()
})
beforeEach(() => upstream.answer((_request, response) => void response.end('ok')))

const call = (key: string, path = '/x', from = '192.0.2.1') =>
  fetch(`${house.url}${path}`, { headers: { 'x-api-key': key, 'x-forwarded-for': from } })
const statusOf = async (...args: Parameters<typeof call>): Promise<number> => (await call(...args)).status
const left = (response: Response): Record<string, number> =>
  Object.fromEntries(
    [...(response.headers.get('ratelimit') ?? '').matchAll(/"([^"]+)";r=(-?\d+)/g)].map(([, name, count]) => [
      name ?? '',
      Number(count),
    ]),
  )
const count = (responses: readonly { status: number }[], status: number): number =>
  responses.filter((response) => response.status === status).length

/** A route of its own path, with these limits. */
const limitedRoute = (path: string, limits: unknown, more: Record<string, unknown> = {}) =>
  makeRoute(house, upstream.url, { path_pattern: path, match_type: 'exact', limits, ...more })

describe('limits of plan, route and key on one request', () => {
  it('hold all at once; a request that one of them refuses costs nothing in the others', async () => {
    await limitedRoute('/three', [{ name: 'route-daily', limit: 6, window_seconds: 86_400, by: ['route'] }])
    const planLimits = [{ name: 'burst', limit: 5, window_seconds: 10, algorithm: 'sliding_window' }]
    const customer = await makeCustomer(house, { rate_limit_per_minute: 100, limits: planLimits })
    const keyLimits = [{ name: 'trial', limit: 3, algorithm: 'fixed_window' }]
    const narrow = await house.create('api_keys', { user_id: customer.userId, limits: keyLimits })

    const first = await call(narrow.key, '/three')
    expect(first.status).toBe(200)
    expect(first.headers.get('ratelimit-policy')).toBe(
      '"rate";q=100;w=60, "burst";q=5;w=10, "route-daily";q=6;w=86400, "trial";q=3;w=60, "quota";q=100000;w=2592000',
    )
    expect(left(first)).toEqual({ rate: 99, burst: 4, 'route-daily': 5, trial: 2, quota: 99_999 })
    expect(first.headers.get('x-ratelimit-limit')).toBe('100')

    const answers = await Promise.all(Array.from({ length: 20 }, () => call(narrow.key, '/three')))
    expect([count(answers, 200), count(answers, 429)]).toEqual([2, 18])
    const refused = await call(narrow.key, '/three')
    expect(left(refused)).toEqual({ rate: 97, burst: 2, 'route-daily': 3, trial: 0, quota: 99_997 })
    expect(((await refused.json()) as { error: unknown }).error).toMatchObject({
      type: 'rate_limit_exceeded',
      details: { name: 'trial', limit: 3, window_seconds: 60, retry_after: 60 },
    })

    expect([await statusOf(customer.key, '/three'), await statusOf(customer.key, '/three')]).toEqual([
      200, 200,
    ])
    const byPlan = await call(customer.key, '/three')
    expect([byPlan.status, byPlan.headers.get('retry-after')]).toEqual([429, '11'])
    const stranger = await makeCustomer(house)
    expect([await statusOf(stranger.key, '/three'), await statusOf(stranger.key, '/three')]).toEqual([
      200, 429,
    ])
    expect(await statusOf(stranger.key, '/x')).toBe(200)
  })

  it('name the longest wait of those that refuse', async () => {
    const limits = [
      { name: 'second', limit: 1, window_seconds: 1 },
      { name: 'minute', limit: 1, algorithm: 'fixed_window' },
    ]
    const { key } = await makeCustomer(house, { rate_limit_per_minute: 2, limits })
    await call(key)
    expect((await call(key)).headers.get('retry-after')).toBe('60')
    clock.advance(1_000)
    expect((await call(key)).headers.get('retry-after')).toBe('59')
  })

  it('show the tightest in X-RateLimit-* where the plan has no rate limit', async () => {
    const limits = [
      { name: 'wide', limit: 50 },
      { name: 'narrow', limit: 7 },
      { name: 'parallel', limit: 2, algorithm: 'concurrency' },
    ]
    const { key } = await makeCustomer(house, { rate_limit_per_minute: -1, limits })
    const response = await call(key)
    expect(response.headers.get('x-ratelimit-limit')).toBe('7')
    expect(response.headers.get('x-ratelimit-remaining')).toBe('6')
    expect(response.headers.get('ratelimit-policy')).toContain('"parallel";q=2;qu="concurrent-requests"')
  })

  it('change with the very next request', async () => {
    const { key, planId } = await makeCustomer(house)
    const change = (limits: unknown) => house.api('PATCH', `/api/plans/${planId}`, { limits })
    expect((await change([{ name: 'none', limit: 0 }])).status).toBe(200)
    expect(await statusOf(key)).toBe(429)
    expect((await change([{ name: 'none', limit: 1 }])).status).toBe(200)
    expect([await statusOf(key), await statusOf(key)]).toEqual([200, 429])
    expect((await change(null)).status).toBe(200)
    expect(await statusOf(key)).toBe(200)
  })
})

describe('limits by address', () => {
  const perAddress = [{ name: 'per-ip', limit: 2, by: ['ip'] }]

  it('hold on a public route, without a key, for the client behind a trusted proxy', async () => {
    await limitedRoute('/open', perAddress, { auth_required: false })
    const answers = await Promise.all(Array.from({ length: 10 }, () => call('', '/open', '203.0.113.1')))
    expect(count(answers, 200)).toBe(2)
    expect(answers[0]?.headers.get('ratelimit-policy')).toBe('"per-ip";q=2;w=60')
    expect(answers[0]?.headers.get('x-ratelimit-limit')).toBe('2')
    expect(answers[0]?.headers.get('x-quota-limit')).toBe(null)
    expect(await statusOf('', '/open', '203.0.113.2')).toBe(200)
    // What a client says in front of what the proxy adds does not make it another one.
    expect(await statusOf('', '/open', '198.51.100.7, 203.0.113.1')).toBe(429)
  })

  it('take all addresses of an IPv6 network for one client', async () => {
    await limitedRoute('/six', perAddress, { auth_required: false })
    expect(await statusOf('', '/six', '2001:db8:1:2::1')).toBe(200)
    expect(await statusOf('', '/six', '2001:db8:1:2:ffff::9')).toBe(200)
    expect(await statusOf('', '/six', '2001:db8:1:2::3')).toBe(429)
    expect(await statusOf('', '/six', '2001:db8:1:3::1')).toBe(200)
  })

  it('are counted for each key alone where both are named', async () => {
    const limits = [{ name: 'each', limit: 1, by: ['ip', 'key'] }]
    const customer = await makeCustomer(house, { limits })
    const second = await house.create('api_keys', { user_id: customer.userId })
    expect([await statusOf(customer.key), await statusOf(customer.key)]).toEqual([200, 429])
    expect(await statusOf(customer.key, '/x', '203.0.113.9')).toBe(200)
    expect(await statusOf(second.key)).toBe(200)
  })
})

describe('concurrency', () => {
  const parallel = [{ name: 'parallel', limit: 2, algorithm: 'concurrency' }]

  it('refuses whoever comes while as many are under way, and lets go in every ending', async () => {
    const { key } = await makeCustomer(house, { limits: parallel })
    const endings: [name: string, end: (response: ServerResponse) => void, status: number][] = [
      ['answered', (response) => void response.end('late'), 200],
      ['an error', (response) => void response.writeHead(503).end(), 503],
      ['cut off', (response) => void response.destroy(), 502],
    ]
    for (const [name, end, status] of endings) {
      const { arrivals, held } = await holding(2, key)
      const refused = await call(key)
      expect([refused.status, refused.headers.get('retry-after')], name).toEqual([429, '1'])
      // One that is cut off may be sent again.
      upstream.answer((_request, response) => end(response))
      for (const response of arrivals) end(response)
      expect((await Promise.all(held)).map((response) => response?.status)).toEqual([status, status])
      upstream.answer((_request, response) => void response.end('ok'))
      expect([await statusOf(key), await statusOf(key)], name).toEqual([200, 200])
    }
  })

  it('lets go of clients that leave', async () => {
    const { key } = await makeCustomer(house, { limits: parallel })
    const controller = new AbortController()
    const { arrivals, held } = await holding(2, key, controller.signal)
    const closed = arrivals.map((response) => new Promise((resolve) => response.on('close', resolve)))
    controller.abort()
    await Promise.all([...held, ...closed])
    upstream.answer((_request, response) => void response.end('ok'))
    expect([await statusOf(key), await statusOf(key)]).toEqual([200, 200])
  })

  /** So many requests that the upstream has and does not answer. */
  async function holding(wanted: number, key: string, signal?: AbortSignal) {
    const arrivals: ServerResponse[] = []
    const all = Promise.withResolvers<void>()
    upstream.answer((_request, response) => {
      if (arrivals.push(response) === wanted) all.resolve()
    })
    const held = Array.from({ length: wanted }, () =>
      fetch(`${house.url}/x`, { headers: { 'x-api-key': key }, signal: signal ?? null }).catch(
        () => undefined,
      ),
    )
    await all.promise
    return { arrivals, held }
  }
})

describe('a limit in shadow', () => {
  it('refuses nobody, is not told to clients, and counts what it would have refused', async () => {
    const limits = [
      { name: 'soon', limit: 1, shadow: true },
      { name: 'hard', limit: 4 },
    ]
    const { key } = await makeCustomer(house, { limits })
    const before = await shadowed()
    const answers = await Promise.all(Array.from({ length: 10 }, () => call(key)))
    expect([count(answers, 200), count(answers, 429)]).toEqual([4, 6])
    expect(answers[0]?.headers.get('ratelimit-policy')).not.toContain('soon')
    expect(await shadowed()).toBe(before + 3)
  })

  const shadowed = async (): Promise<number> => {
    const { body } = await house.api('GET', '/metrics')
    return Number(/apigate_rate_limited_total\{kind="rate",shadow="true"\} (\d+)/.exec(body)?.[1])
  }
})

describe('a hard quota', () => {
  it('admits exactly its number of 200 requests that come at once, and what they cost no rate limit takes twice', async () => {
    const limits = [{ name: 'daily', limit: 150, window_seconds: 86_400, algorithm: 'fixed_window' }]
    const plan = { rate_limit_per_minute: 500, requests_per_month: 120, limits }
    const { key } = await makeCustomer(house, plan)
    const answers = await Promise.all(Array.from({ length: 200 }, () => call(key)))
    expect([count(answers, 200), count(answers, 402)]).toEqual([120, 80])
    expect(left(await call(key))).toEqual({ rate: 380, daily: 30, quota: 0 })
  })
})

describe('limits that cannot be counted', () => {
  const wrong = [
    { name: 'a', limit: 1 },
    { name: 'b', limit: -1 },
  ]

  it.each([
    ['plans', () => ({ name: 'wrong' })],
    ['routes', async () => ({ name: 'wrong', path_pattern: '/w', upstream_id: (await upstreams())[0] })],
    ['api_keys', async () => ({ user_id: (await makeCustomer(house)).userId })],
  ])('are refused when %s are written, by field', async (plural, rest) => {
    const answer = await house.api('POST', `/api/${plural}`, { ...(await rest()), limits: wrong })
    expect(answer.status).toBe(400)
    expect(JSON.stringify(answer.body.error.details)).toContain('limits[1].limit')
  })

  it('are refused on a public route when they need a key, also when the route becomes public', async () => {
    const { routeId } = await limitedRoute('/to-open', [{ name: 'each', limit: 1 }])
    const answer = await house.api('PATCH', `/api/routes/${routeId}`, { auth_required: false })
    expect(answer.status).toBe(400)
    expect(JSON.stringify(answer.body.error.details)).toContain('limits[0].by')
  })

  it('are refused when a key is changed', async () => {
    const { keyId } = await makeCustomer(house)
    const answer = await house.api('PATCH', `/api/api_keys/${keyId}`, { limits: 'many' })
    expect(answer.status).toBe(400)
  })

  const upstreams = async (): Promise<string[]> =>
    (await house.api('GET', '/api/upstreams')).body.data.map(({ id }: { id: string }) => id)
})
