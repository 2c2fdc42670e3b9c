import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Customer, makeCustomer, makeRoute } from '#test/support/customer.ts'
import { frozenClock } from '#test/support/frozen-clock.ts'
import { connectClient } from '#test/support/gateway-server.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'
import { startUpstream, type Upstream } from '#test/support/upstream.ts'

const clock = frozenClock()
let upstream: Upstream
let customer: Customer

/** A house that believes nobody about addresses, and one that believes this machine. */
let house: TestHouse
let behindProxy: TestHouse
let proxyCustomer: Customer

beforeAll(async () => {
  upstream = await startUpstream()
  house = await startHouse({ clock })
  behindProxy = await startHouse({ clock, env: { APIGATE_TRUSTED_PROXIES: '127.0.0.1,10.0.0.0/8' } })
  customer = await makeCustomer(house, { requests_per_month: 5, quota_mode: 'hard', quota_grace_pct: 0 })
  proxyCustomer = await makeCustomer(behindProxy)
  const route = (one: TestHouse, path: string, fields: object) =>
    makeRoute(one, upstream.url, { path_pattern: path, match_type: 'exact', ...fields })
  await route(house, '/denied', { deny_ips: ['127.0.0.0/8'] })
  await route(house, '/elsewhere', { allow_ips: ['203.0.113.0/24', '::1'], cors: { origins: ['*'] } })
  await route(house, '/here', { allow_ips: ['127.0.0.1'] })
  await route(house, '/plain', {})
  await route(house, '/cors', {
    methods: ['POST'],
    cors: { origins: ['https://app.example', 'https://*.shop.example'], credentials: true },
  })
  await route(house, '/versioned', {
    headers: { 'x-version': '2' },
    auth_required: false,
    cors: { origins: ['*'], headers: ['*'] },
  })
  await route(behindProxy, '/office', { allow_ips: ['203.0.113.0/24', '2001:db8::/32'] })
  await route(behindProxy, '/open', { auth_required: false })
})
afterAll(async () => {
  await house.close()
  await behindProxy.close()
  await upstream.close()
})
beforeEach(() => {
  upstream.seen.length = 0
})

const typeOf = async (response: Response): Promise<[number, string | undefined]> => {
  const body = (await response.json()) as { error?: { type: string } }
  return [response.status, body.error?.type]
}
const call = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${house.url}${path}`, { headers: { 'x-api-key': customer.key, ...headers } }).then(typeOf)
const refused = [403, 'permission_denied']

describe('the address of a client', () => {
  it('is refused before the key is looked at, and nothing is counted or forwarded', async () => {
    expect(await call('/denied')).toEqual(refused)
    expect(await call('/elsewhere', { 'x-api-key': 'wrong' })).toEqual(refused)
    for (let turn = 0; turn < 6; turn++) expect(await call('/elsewhere')).toEqual(refused)
    expect(upstream.seen).toEqual([])
    expect(await call('/here')).toEqual([200, undefined])
  })

  it('is not what an untrusted client says of itself', async () => {
    for (const name of ['x-forwarded-for', 'x-real-ip', 'forwarded', 'x_forwarded_for', 'true-client-ip'])
      expect(await call('/elsewhere', { [name]: '203.0.113.5' })).toEqual(refused)
    expect(await call('/here', { 'x-forwarded-for': '203.0.113.5' })).toEqual([200, undefined])
  })

  it.each([
    ['its own', '203.0.113.5', 200],
    ['an IPv6 one', '2001:db8::5', 200],
    ['a mapped one', '::ffff:203.0.113.5', 200],
    ['with further proxies of ours behind it', '203.0.113.5, 10.1.1.1', 200],
    ['forged in front of another one', '203.0.113.5, 198.51.100.1', 403],
    ['another one', '198.51.100.1', 403],
    ['no address', 'unknown', 403],
  ])('is what a trusted proxy says: %s', async (_which, forwardedFor, status) => {
    const response = await fetch(`${behindProxy.url}/office`, {
      headers: { 'x-api-key': proxyCustomer.key, 'x-forwarded-for': forwardedFor },
    })
    expect(response.status).toBe(status)
  })
})

describe('a key with allow_ips', () => {
  it('is refused elsewhere without a cost, and a change counts from the next request on', async () => {
    const key = await house.create('api_keys', {
      user_id: customer.userId,
      name: 'office',
      allow_ips: ['203.0.113.0/24'],
    })
    expect(await call('/plain', { 'x-api-key': key.key })).toEqual(refused)
    expect(upstream.seen).toEqual([])
    const change = await house.api('PATCH', `/api/api_keys/${key.id}`, { allow_ips: ['127.0.0.1', '::1'] })
    expect(change.status).toBe(200)
    expect(await call('/plain', { 'x-api-key': key.key })).toEqual([200, undefined])
  })

  it('names the element that is no address, on every write', async () => {
    const input = { user_id: customer.userId, allow_ips: ['10.0.0.0/8', '10.0.0.300'] }
    const created = await house.api('POST', '/api/api_keys', input)
    expect(created.status).toBe(400)
    expect(created.body.error.details.field).toBe('allow_ips[1]')
    const changed = await house.api('PATCH', `/api/api_keys/${customer.keyId}`, { allow_ips: ['x'] })
    expect(changed.body.error.details.field).toBe('allow_ips[0]')
  })
})

/** A preflight, as a browser sends it. */
const preflight = (path: string, origin: string, method: string, names = '') =>
  fetch(`${house.url}${path}`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': method,
      ...(names === '' ? {} : { 'access-control-request-headers': names }),
    },
  })

describe('pages of other origins', () => {
  it('are answered by the gateway before they call: no key, no upstream, no cost, also where OPTIONS is no method of the route', async () => {
    const before = (await house.usageEvents()).length
    const response = await preflight('/cors', 'https://eu.shop.example', 'POST', 'authorization')
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-origin')).toBe('https://eu.shop.example')
    expect(response.headers.get('access-control-allow-credentials')).toBe('true')
    expect(response.headers.get('access-control-allow-methods')).toBe('POST')
    expect(response.headers.get('vary')).toContain('Origin')
    expect(response.headers.get('content-length')).toBeNull()
    expect(upstream.seen).toEqual([])
    expect((await house.usageEvents()).length).toBe(before)
  })

  it('of an origin that is not listed are told so, without being named as allowed', async () => {
    for (const origin of ['https://evil.example', 'null', 'https://app.example.evil.example']) {
      const response = await preflight('/cors', origin, 'POST')
      expect(response.headers.get('access-control-allow-origin')).toBeNull()
      expect(await typeOf(response)).toEqual(refused)
    }
  })

  it('cannot ask past a list of addresses', async () => {
    expect(await typeOf(await preflight('/elsewhere', 'https://a.example', 'GET'))).toEqual(refused)
  })

  it('find a route that wants a header which a preflight only announces', async () => {
    const response = await preflight('/versioned', 'https://a.example', 'GET', 'x-version')
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-headers')).toBe('x-version')
    expect((await preflight('/versioned', 'https://a.example', 'GET', 'x-other')).status).toBe(404)
    expect((await fetch(`${house.url}/versioned`, { headers: { 'x-version': '3' } })).status).toBe(404)
  })

  it('ask the upstream itself on a route without cors', async () => {
    upstream.answer((_request, response) => {
      response.writeHead(204, { 'access-control-allow-origin': 'https://upstream.example' })
      response.end()
    })
    const response = await fetch(`${behindProxy.url}/open`, {
      method: 'OPTIONS',
      headers: { origin: 'https://a.example', 'access-control-request-method': 'GET' },
    })
    expect(response.headers.get('access-control-allow-origin')).toBe('https://upstream.example')
    expect(upstream.seen).toHaveLength(1)
  })

  it('can read answers and our refusals; what the upstream says about origins does not count', async () => {
    upstream.answer((_request, response) => {
      response.setHeader('Access-Control-Allow-Origin', '*')
      response.setHeader('ACCESS-CONTROL-EXPOSE-HEADERS', 'X-Secret')
      response.setHeader('Vary', 'Accept-Encoding')
      response.end('{}')
    })
    const post = (key: string) =>
      fetch(`${house.url}/cors`, {
        method: 'POST',
        headers: { origin: 'https://app.example', 'x-api-key': key },
      })
    const served = await post(customer.key)
    expect(served.status).toBe(200)
    expect(served.headers.get('access-control-allow-origin')).toBe('https://app.example')
    expect(served.headers.get('access-control-expose-headers')).toContain('X-Quota-Remaining')
    expect(served.headers.get('access-control-expose-headers')).not.toContain('X-Secret')
    expect(served.headers.get('vary')).toBe('Accept-Encoding, Origin')
    const unknown = await post('wrong')
    expect(unknown.status).toBe(401)
    expect(unknown.headers.get('access-control-allow-origin')).toBe('https://app.example')
    let last = served
    for (let turn = 0; turn < 6; turn++) last = await post(customer.key)
    expect(last.status).toBe(402)
    expect(last.headers.get('access-control-allow-origin')).toBe('https://app.example')
  })

  it('cannot write a header of ours by their Origin', async () => {
    const client = await connectClient(Number(new URL(house.url).port))
    client.socket.write(
      'OPTIONS /cors HTTP/1.1\r\nHost: x\r\nOrigin: https://app.example\nSet-Cookie: a=b\r\n' +
        'Access-Control-Request-Method: POST\r\n\r\n',
    )
    expect(await client.until(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 400 /)
  })

  it('are spelt out when a route is written, with the place of what is wrong', async () => {
    const upstreamId = (await house.api('GET', '/api/upstreams')).body.data[0].id
    const written = await house.api('POST', '/api/routes', {
      name: 'wrong',
      path_pattern: '/wrong',
      upstream_id: upstreamId,
      cors: { origins: ['*', 'example.com/x'], credentials: true },
      deny_ips: ['10.0.0.1/8'],
    })
    expect(written.status).toBe(400)
    const fields = JSON.stringify(written.body.error.details)
    for (const field of ['cors.origins[1]', 'cors.credentials', 'deny_ips[0]'])
      expect(fields).toContain(field)
  })
})
