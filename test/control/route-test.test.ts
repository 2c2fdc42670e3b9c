import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Customer, makeCustomer, makeRoute } from '#test/support/customer.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'
import { startUpstream, type Upstream } from '#test/support/upstream.ts'

let house: TestHouse
let upstream: Upstream
let customer: Customer
beforeAll(async () => {
  house = await startHouse()
  upstream = await startUpstream()
  customer = await makeCustomer(house, {
    name: 'team',
    quota_mode: 'soft',
    rate_limit_per_minute: 1,
    requests_per_month: 100,
    overage_unit_price: '0.0005',
  })
  const secret = { auth_type: 'header', auth_header: 'X-Secret', auth_value_encrypted: 'hush-hush' }
  await makeRoute(
    house,
    `${upstream.url}/base`,
    {
      name: 'user',
      match_type: 'regex',
      path_pattern: '^/users/{id}$',
      path_rewrite: '/u/{id}',
      methods: ['GET'],
    },
    secret,
  )
  await makeRoute(house, upstream.url, { name: 'all', path_pattern: '/*', priority: -1 })
  await makeRoute(house, upstream.url, {
    name: 'first',
    path_pattern: '/users/*',
    methods: ['PUT'],
    priority: 5,
  })
  await makeRoute(house, upstream.url, {
    name: 'asleep',
    path_pattern: '/users/7',
    enabled: false,
    priority: 9,
  })
  await makeRoute(house, upstream.url, { name: 'open', path_pattern: '/open/*', auth_required: false })
  await makeRoute(house, upstream.url, {
    name: 'picky',
    path_pattern: '/users/*',
    host_pattern: '*.example.org',
    headers: { 'X-Version': '2' },
  })
})
afterAll(async () => {
  await house.close()
  await upstream.close()
})

async function test(body: Record<string, unknown>) {
  const answer = await house.api('POST', '/api/routes/test', body)
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body))
  return answer.body.data
}

describe('testing a request', () => {
  it('shows its route, what it becomes, who calls, and what it costs', async () => {
    const answer = await test({
      method: 'get',
      url: 'https://api.example.com/users/7?full=1&api_key=ignored',
      headers: { 'X-User-ID': 'usr_fake', 'X-Secret': 'guess', Accept: 'a/b' },
      key: customer.key,
    })
    expect(answer).toMatchObject({
      request: { method: 'GET', host: 'api.example.com', path: '/users/7' },
      refusal: null,
      route: { name: 'user', public: false, match_type: 'regex' },
      captures: { id: '7' },
      upstream: { method: 'GET', urls: [`${upstream.url}/base/u/7?full=1`] },
      caller: {
        key_id: customer.keyId,
        organization_id: customer.organizationId,
        subscription_id: customer.subscriptionId,
        plan: { name: 'team', rate_limit_per_minute: 1, requests_per_month: 100, quota_mode: 'soft' },
      },
      cost: {
        units: 1,
        most_units: 1,
        free_from_status: 500,
        included_units: 100,
        beyond: 'billed',
        unit_price: '0.0005',
        currency: 'USD',
      },
    })
    expect(answer.upstream.headers).toEqual({
      added: expect.arrayContaining(['x-forwarded-for', 'x-organization-id', 'x-plan-id', 'x-request-id']),
      replaced: ['host', 'x-secret', 'x-user-id'],
      removed: ['authorization'],
    })
    expect(JSON.stringify(answer)).not.toMatch(/hush|guess|ak_/)
  })

  it('says of the others why they are not it, the nearest first', async () => {
    const { runners_up } = await test({ method: 'GET', url: '/users/7', key: customer.key })
    const reasons = Object.fromEntries(
      runners_up.map((one: { name: string; reasons: string[] }) => [one.name, one.reasons]),
    )
    expect(reasons).toEqual({
      all: ['precedence: priority 0 goes before -1'],
      first: ['method: GET, and it takes PUT'],
      asleep: ['off: the route is not enabled'],
      picky: [
        'host: none was sent, and it wants *.example.org',
        'header: x-version is not there, and it wants 2',
      ],
    })
  })

  it('agrees with the gateway, request for request', async () => {
    const cases: [method: string, path: string, headers: Record<string, string>][] = [
      ['GET', '/users/7', {}],
      ['GET', '/users/8?a=b%20c', {}],
      ['PUT', '/users/8', {}],
      ['GET', '/open/x/y', {}],
      ['POST', '/anything/else', { 'X-Version': '2' }],
    ]
    for (const [method, path, headers] of cases) {
      const caller = await makeCustomer(house)
      const { upstream: shown, refusal } = await test({ method, url: path, headers, key: caller.key })
      expect(refusal).toBeNull()
      upstream.seen.length = 0
      const answer = await fetch(house.url + path, {
        method,
        headers: { ...headers, authorization: `Bearer ${caller.key}` },
      })
      expect(answer.status).toBe(200)
      const [seen] = upstream.seen
      expect([`${upstream.url}${seen?.url}`]).toEqual(shown.urls)
      for (const header of shown.headers.added) expect(seen?.headers).toHaveProperty(header)
      for (const header of shown.headers.removed) expect(seen?.headers).not.toHaveProperty(header)
    }
  })

  it('sends nothing, counts nothing and takes nothing, however often it is done', async () => {
    const fresh = await makeCustomer(house, { rate_limit_per_minute: 1 })
    upstream.seen.length = 0
    for (let count = 0; count < 5; count++)
      expect((await test({ method: 'GET', url: '/users/7', key: fresh.key })).refusal).toBeNull()
    expect(upstream.seen).toEqual([])
    const first = await fetch(`${house.url}/users/7`, { headers: { 'x-api-key': fresh.key } })
    expect(first.status).toBe(200)
    const events = await house.usageEvents()
    expect(events.filter((event) => event['api_key_id'] === fresh.keyId)).toHaveLength(1)
  })

  it.each<[string, Record<string, unknown>, string]>([
    ['no key', { url: '/users/7' }, 'missing_api_key'],
    ['an unknown key', { url: '/users/7', key: 'ak_nothing' }, 'invalid_api_key'],
    ['dot segments', { url: '/users/../etc' }, 'invalid_request'],
    ['a header that is none', { url: '/open/x', headers: { 'a b': 'c' } }, 'invalid_request'],
    ['TRACE', { method: 'TRACE', url: '/open/x' }, 'method_not_allowed'],
  ])('with %s says what the gateway would say', async (_what, asked, type) => {
    const { refusal } = await test({ method: 'GET', ...asked })
    expect(refusal?.type ?? 'ok').toBe(type)
  })

  it('knows a revoked key, also from a header or the query', async () => {
    const gone = await makeCustomer(house)
    await house.api('POST', `/api/api_keys/${gone.keyId}/revoke`, {})
    for (const asked of [
      { url: `/users/7?api_key=${gone.key}` },
      { url: '/users/7', headers: [['x-api-key', gone.key]] },
      { url: '/users/7', headers: { Authorization: `bearer ${gone.key}` } },
    ])
      expect((await test({ method: 'GET', ...asked })).refusal.type).toBe('key_revoked')
  })

  it('of a public route names no caller and no price', async () => {
    expect(await test({ method: 'GET', url: '/open/x', key: customer.key })).toMatchObject({
      route: { public: true },
      caller: null,
      cost: { units: 0, unit_price: null },
    })
  })

  it.each([
    [{ url: 'ftp://a/b' }, 'url'],
    [{ url: 'https://u:p@a/b' }, 'url'],
    [{}, 'url'],
    [{ url: '/', method: 'A B' }, 'method'],
    [{ url: '/a b' }, 'url'],
    [{ url: '/', headers: 'x' }, 'headers'],
    [{ url: '/', headers: { a: 'b\r\nX-Admin: 1' } }, 'headers'],
    [{ url: '/', headers: { a: 'b\u010dX-Admin: 1' } }, 'headers'],
    [{ url: '/', key: 'a\nb' }, 'key'],
    [{ url: '/', headers: [['a']] }, 'headers'],
    [{ url: '/', key: 7 }, 'key'],
    [{ url: '/', kye: 'x' }, 'kye'],
  ])('refuses %j, naming the field', async (body, field) => {
    const answer = await house.api('POST', '/api/routes/test', body)
    expect(answer.status).toBe(400)
    expect(answer.body.error.details.field).toBe(field)
  })

  it('is for operators alone, and its address is not the record of a route', async () => {
    const answer = await fetch(`${house.url}/api/routes/test`, { method: 'POST' })
    expect(answer.status).toBe(401)
    expect((await house.api('GET', '/api/routes/test')).status).toBe(404)
  })
})

describe('testing a request of a route that transforms and measures', () => {
  beforeAll(async () => {
    await makeRoute(house, upstream.url, {
      name: 'model',
      path_pattern: '/model/*',
      request_transform: { set_query: { v: '2' }, body_expr: '{"input": body.prompt, "plan": key.plan}' },
      metering_mode: 'custom',
      metering_expr: 'usage.total_tokens',
      metering_max: 4_000,
    })
  })

  it('shows what its body and query become and the most that it can cost, and sends nothing', async () => {
    const before = upstream.seen.length
    const request = { method: 'POST', url: '/model/x?a=1', key: customer.key }
    const answer = await test({ ...request, body: '{"prompt":"hi"}' })
    expect(answer.upstream).toMatchObject({
      urls: [`${upstream.url}/model/x?a=1&v=2`],
      body: '{"input":"hi","plan":"team"}',
    })
    expect(answer.cost).toMatchObject({ units: null, most_units: 4_000 })
    expect(upstream.seen.length).toBe(before)
  })

  it('says when the transform would fail', async () => {
    const answer = await test({ method: 'POST', url: '/model/x', key: customer.key, body: 'no json' })
    expect(answer).toMatchObject({ refusal: { type: 'transform_error' }, upstream: null })
  })
})
