import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { paceMs } from '#gateway/body-pace.ts'
import { type Customer, makeCustomer, makeRoute } from '#test/support/customer.ts'
import { frozenClock } from '#test/support/frozen-clock.ts'
import { connectClient } from '#test/support/gateway-server.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'
import { startUpstream, type Upstream } from '#test/support/upstream.ts'

const clock = frozenClock()
let house: TestHouse
let upstream: Upstream
let customer: Customer

beforeAll(async () => {
  upstream = await startUpstream()
  house = await startHouse({ clock })
  await makeRoute(house, upstream.url)
  await makeRoute(house, upstream.url, { path_pattern: '/open', match_type: 'exact', auth_required: false })
})
afterAll(async () => {
  await house.close()
  await upstream.close()
})
beforeEach(async () => {
  customer = await makeCustomer(house)
  upstream.seen.length = 0
})

/** Status and error type of a call. */
async function call(
  headers: Record<string, string> = {},
  path = '/x',
): Promise<[number, string | undefined]> {
  const response = await fetch(`${house.url}${path}`, { headers })
  const body = (await response.json()) as { error?: { type: string } }
  return [response.status, body.error?.type]
}
const withKey = (key = customer.key) => call({ 'x-api-key': key })
const served = [200, undefined]

describe('the key', () => {
  it.each([
    ['Authorization: Bearer', () => call({ authorization: `Bearer ${customer.key}` })],
    ['bearer in any case', () => call({ authorization: `bEARER ${customer.key}` })],
    ['X-API-Key', () => call({ 'x-api-key': customer.key })],
    ['the query', () => call({}, `/x?api_key=${customer.key}`)],
    [
      'the bearer before the others',
      () => call({ authorization: `Bearer ${customer.key}`, 'x-api-key': 'wrong' }),
    ],
  ])('is taken from %s', async (_place, ask) => {
    expect(await ask()).toEqual(served)
  })

  it.each([
    ['none', () => call(), 'missing_api_key'],
    ['an empty one', () => call({ 'x-api-key': '' }), 'missing_api_key'],
    ['an unknown one', () => withKey(`ak_${'0'.repeat(64)}`), 'invalid_api_key'],
    ['one with a character too much', () => withKey(`${customer.key}0`), 'invalid_api_key'],
    ['one in capitals', () => withKey(customer.key.toUpperCase()), 'invalid_api_key'],
    ['a huge one', () => withKey('x'.repeat(10_000)), 'invalid_api_key'],
    ['an operator token', () => withKey(house.token), 'invalid_api_key'],
    ['its prefix alone', () => withKey(customer.key.slice(0, 15)), 'invalid_api_key'],
    [
      'a wrong bearer before a right header',
      () => call({ authorization: 'Bearer x', 'x-api-key': customer.key }),
      'invalid_api_key',
    ],
  ])('is refused with 401 when it is %s', async (_name, ask, type) => {
    expect(await ask()).toEqual([401, type])
    expect(upstream.seen).toEqual([])
  })

  it('is asked for with WWW-Authenticate', async () => {
    const response = await fetch(`${house.url}/x`)
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="apigate"')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  })

  it('is not needed on a public route, which counts nothing', async () => {
    expect(await call({}, '/open')).toEqual(served)
    expect(await call({ 'x-api-key': 'nonsense' }, '/open')).toEqual(served)
    expect((await house.usageEvents()).filter((event) => event['path'] === '/open')).toEqual([])
  })

  it('may be kept out of the query by a setting, from the next request on', async () => {
    await house.create('settings', { key: 'auth.allow_query_key', value: 'false' })
    expect(await call({}, `/x?api_key=${customer.key}`)).toEqual([401, 'missing_api_key'])
    await house.api('DELETE', '/api/settings/auth.allow_query_key')
    expect(await call({}, `/x?api_key=${customer.key}`)).toEqual(served)
  })

  it('expires at its moment', async () => {
    const expiresAt = new Date(clock.now() + 1_000).toISOString()
    const key = await house.create('api_keys', { user_id: customer.userId, expires_at: expiresAt })
    expect(await withKey(key.key)).toEqual(served)
    clock.advance(1_000)
    expect(await withKey(key.key)).toEqual([401, 'key_expired'])
  })
})

describe('a change is seen by the very next request', () => {
  const change = async (method: string, path: string, body?: unknown): Promise<void> => {
    const answer = await house.api(method, path, body)
    expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300)
  }
  const cases: [
    name: string,
    method: string,
    path: () => string,
    body: unknown,
    type: string,
    status: number,
  ][] = [
    ['a revoked key', 'POST', () => `/api/api_keys/${customer.keyId}/revoke`, undefined, 'key_revoked', 401],
    ['a deleted key', 'DELETE', () => `/api/api_keys/${customer.keyId}`, undefined, 'invalid_api_key', 401],
    [
      'a suspended user',
      'POST',
      () => `/api/users/${customer.userId}/suspend`,
      undefined,
      'account_suspended',
      403,
    ],
    [
      'a suspended organization',
      'POST',
      () => `/api/organizations/${customer.organizationId}/suspend`,
      undefined,
      'account_suspended',
      403,
    ],
    [
      'a paused subscription',
      'POST',
      () => `/api/subscriptions/${customer.subscriptionId}/pause`,
      undefined,
      'subscription_required',
      403,
    ],
    [
      'a lowered limit',
      'PATCH',
      () => `/api/plans/${customer.planId}`,
      { rate_limit_per_minute: 0 },
      'rate_limit_exceeded',
      429,
    ],
    [
      'a lowered quota',
      'PATCH',
      () => `/api/plans/${customer.planId}`,
      { requests_per_month: 0 },
      'quota_exceeded',
      402,
    ],
  ]
  it.each(cases)('%s is refused', async (_name, method, path, body, type, status) => {
    expect(await withKey()).toEqual(served)
    await change(method, path(), body)
    expect(await withKey()).toEqual([status, type])
  })

  it('a user or organization that is active again is served again', async () => {
    for (const path of [`/api/users/${customer.userId}`, `/api/organizations/${customer.organizationId}`]) {
      await change('POST', `${path}/suspend`)
      await change('POST', `${path}/activate`)
      expect(await withKey()).toEqual(served)
    }
  })

  it('a cancelled subscription is served until its period ends, and not a moment longer', async () => {
    await change('POST', `/api/subscriptions/${customer.subscriptionId}/cancel`)
    expect(await withKey()).toEqual(served)
    const before = new Date(clock.now()).toISOString()
    clock.set('2026-12-01T00:00:00.000Z')
    expect(await withKey()).toEqual([403, 'subscription_required'])
    clock.set(before)
  })

  it('a past-due subscription is served until its grace ends', async () => {
    const graceUntil = new Date(clock.now() + 1_000).toISOString()
    await change('PATCH', `/api/subscriptions/${customer.subscriptionId}`, {
      status: 'past_due',
      grace_until: graceUntil,
    })
    expect(await withKey()).toEqual(served)
    clock.advance(1_000)
    expect(await withKey()).toEqual([402, 'payment_required'])
  })

  it('a user moved to another plan has its limits', async () => {
    const plan = await house.create('plans', { name: `other-${customer.planId}`, rate_limit_per_minute: 7 })
    await change('PATCH', `/api/users/${customer.userId}`, { plan_id: plan.id })
    const response = await fetch(`${house.url}/x`, { headers: { 'x-api-key': customer.key } })
    expect(response.headers.get('x-ratelimit-limit')).toBe('7')
    const subscription = await house.api('GET', `/api/subscriptions/${customer.subscriptionId}`)
    expect(subscription.body.data.plan_id).toBe(plan.id)
  })

  it('a route that is removed or pointed elsewhere is gone, and one whose upstream is off is refused', async () => {
    const { routeId, upstreamId } = await makeRoute(house, upstream.url, {
      path_pattern: '/own/*',
      priority: 5,
      path_rewrite: '/own',
    })
    const ask = () => call({ 'x-api-key': customer.key }, '/own/x').then(() => upstream.seen.at(-1)?.url)
    expect(await ask()).toBe('/own')
    await change('PATCH', `/api/routes/${routeId}`, { path_rewrite: '/elsewhere' })
    expect(await ask()).toBe('/elsewhere')
    await change('PATCH', `/api/upstreams/${upstreamId}`, { enabled: false })
    expect(await call({ 'x-api-key': customer.key }, '/own/x'), 'not the wider route').toEqual([
      503,
      'service_unavailable',
    ])
    await change('PATCH', `/api/upstreams/${upstreamId}`, { enabled: true })
    expect(await ask()).toBe('/elsewhere')
    await change('DELETE', `/api/routes/${routeId}`)
    expect(await ask()).toBe('/own/x')
  })

  it('also when another process made it', async () => {
    const run = promisify(execFile)
    const program = resolve(import.meta.dirname, '../../bin/apigate')
    await run(program, ['keys', 'revoke', customer.keyId, '--yes', '--data', house.dataDirectory], {
      env: { ...process.env, ...house.databaseEnv },
    })
    await expect.poll(() => withKey()).toEqual([401, 'key_revoked'])
  })
})

it('a body of a byte now and then is ended with 408 after a minute, and costs nothing', async () => {
  const client = await connectClient(Number(new URL(house.url).port))
  const lines = ['Host: h', `X-API-Key: ${customer.key}`, 'Content-Length: 40000', 'Expect: 100-continue']
  client.socket.write(`POST /x HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
  await client.until(/100 Continue\r\n\r\n$/)
  clock.advance(paceMs)
  client.socket.write('b')
  expect(await client.ended()).toMatch(/HTTP\/1\.1 408 [\s\S]*"type":"request_timeout"/)
  const events = (await house.usageEvents()).filter((event) => event['api_key_id'] === customer.keyId)
  expect(events.map(({ status, units }) => [status, units])).toEqual([[408, 0]])
})

it('operators see the targets of every upstream', async () => {
  await withKey()
  const answer = await house.api('GET', '/admin/upstreams')
  expect(answer.body.data[0].targets[0]).toMatchObject({
    url: upstream.url,
    breaker: 'closed',
    health: 'unchecked',
  })
})

it('nothing matches where no route was made, and reserved paths stay with the control plane', async () => {
  const own = await startHouse({ clock })
  expect((await fetch(`${own.url}/x`)).status).toBe(404)
  expect(await (await fetch(`${own.url}/x`)).json()).toMatchObject({ error: { type: 'route_not_found' } })
  for (const path of ['/api/users', '/v1/x', '/admin/x', '/metrics/x'])
    expect((await fetch(`${own.url}${path}`)).headers.get('content-security-policy')).not.toBeNull()
  await own.close()
})
