import { request } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeRoute } from '#test/support/customer.ts'
import { connectClient } from '#test/support/gateway-server.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'
import { startUpstream, type Upstream } from '#test/support/upstream.ts'

let upstream: Upstream
let house: TestHouse
let behindProxy: TestHouse

beforeAll(async () => {
  upstream = await startUpstream()
  house = await startHouse()
  behindProxy = await startHouse({ env: { APIGATE_TRUSTED_PROXIES: '127.0.0.1' } })
  for (const one of [house, behindProxy])
    await makeRoute(
      one,
      upstream.url,
      { path_pattern: '/*', auth_required: false },
      { auth_type: 'header', auth_header: 'X-Upstream-Auth', auth_value_encrypted: 'ours' },
    )
})
afterAll(async () => {
  await house.close()
  await behindProxy.close()
  await upstream.close()
})
beforeEach(() => {
  upstream.seen.length = 0
})

/** Sends these lines as they stand and answers what comes back. */
async function sendRaw(one: TestHouse, ...lines: string[]): Promise<string> {
  const client = await connectClient(Number(new URL(one.url).port))
  client.socket.write([...lines, 'Connection: close', '', ''].join('\r\n'))
  return client.ended()
}

/** By these names servers are told who the client is, where it came from, or which address it asked for. */
const told = [
  'CF-Connecting-IP',
  'Fastly-Client-IP',
  'True-Client-IP',
  'X-Client-IP',
  'X-Cluster-Client-IP',
  'X-Forwarded-Client-Cert',
  'X-Forwarded-Port',
  'X-Forwarded-Prefix',
  'X-Forwarded-Scheme',
  'X-Forwarded-Server',
  'X-Forwarded-Ssl',
  'X-Forwarded-Uri',
  'X-Original-Forwarded-For',
  'X-Original-Host',
  'X-Original-URL',
  'X-Rewrite-URL',
]

describe('what a proxy says about a client', () => {
  it.each(told)('%s is not believed of the client itself, in any spelling', async (name) => {
    const spellings = [name, name.toLowerCase(), name.replaceAll('-', '_')]
    const answer = await sendRaw(
      house,
      'GET /x HTTP/1.1',
      'Host: h',
      ...spellings.map((one) => `${one}: forged`),
    )
    expect(answer).toMatch(/^HTTP\/1\.1 200 /)
    expect(JSON.stringify(upstream.seen[0]?.rawHeaders)).not.toContain('forged')
  })

  it.each(told)('%s goes on from a trusted proxy', async (name) => {
    await sendRaw(behindProxy, 'GET /x HTTP/1.1', 'Host: h', `${name}: said`)
    expect(upstream.seen[0]?.headers[name.toLowerCase()]).toBe('said')
  })
})

it('the credentials that the upstream gets are ours alone, however a client spells their header', async () => {
  const spellings = ['X-Upstream-Auth', 'X_Upstream_Auth', 'x-upstream_auth']
  await sendRaw(house, 'GET /x HTTP/1.1', 'Host: h', ...spellings.map((one) => `${one}: theirs`))
  const headers = upstream.seen[0]?.rawHeaders ?? []
  expect(headers).toContain('ours')
  expect(headers).not.toContain('theirs')
})

describe('a target that names its host', () => {
  it.each([
    ['another one', 'GET http://other/x HTTP/1.1', 'Host: h', 400],
    ['another port', 'GET http://h:81/x HTTP/1.1', 'Host: h:80', 400],
    ['the same', 'GET http://H/x HTTP/1.1', 'Host: h', 200],
    ['the same with the port', 'GET http://h:80/x HTTP/1.1', 'Host: h:80', 200],
  ])('%s than Host says: %s %s is %i', async (_which, line, host, status) => {
    expect(await sendRaw(house, line, host)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(upstream.seen).toHaveLength(status === 200 ? 1 : 0)
  })
})

describe('a method beside the method', () => {
  const names = ['X-HTTP-Method-Override', 'x_http_method_override', 'X-HTTP-Method', 'X-Method-Override']

  it.each(names)('%s changes neither what is matched nor what the upstream is asked', async (name) => {
    await makeRoute(house, upstream.url, {
      path_pattern: `/gets/${name}`,
      methods: ['GET'],
      auth_required: false,
      priority: 5,
      path_rewrite: '/got',
    })
    await sendRaw(house, `GET /gets/${name} HTTP/1.1`, 'Host: h', `${name}: DELETE`)
    await sendRaw(house, `POST /gets/${name} HTTP/1.1`, 'Host: h', `${name}: GET`, 'Content-Length: 0')
    expect(upstream.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /got',
      `POST /gets/${name}`,
    ])
    for (const { headers } of upstream.seen)
      expect(Object.keys(headers).filter((one) => one.includes('method'))).toEqual([])
  })

  it('goes on where the operator has the upstream asked by one method', async () => {
    const route = { path_pattern: '/tunnel', auth_required: false, priority: 5, method_override: 'POST' }
    await makeRoute(house, upstream.url, route)
    await sendRaw(house, 'GET /tunnel HTTP/1.1', 'Host: h', 'X-HTTP-Method-Override: MERGE')
    expect(upstream.seen[0]).toMatchObject({
      method: 'POST',
      headers: { 'x-http-method-override': 'MERGE' },
    })
  })
})

describe('the same request, direct and through a trusted proxy', () => {
  const account = { email: 'ada@example.com', password: 'a long enough password' }
  const client = '127.0.0.77'
  type Headers = Record<string, string>

  /** Asks from an address of the loopback network. */
  const from = (localAddress: string, one: TestHouse, path: string, headers: Headers, body?: object) =>
    new Promise<number>((done, failed) => {
      const asked = { localAddress, method: body === undefined ? 'GET' : 'POST', headers, agent: false }
      const json = body === undefined ? {} : { 'content-type': 'application/json' }
      request(`${one.url}${path}`, { ...asked, headers: { ...json, ...headers } }, (answer) => {
        answer.resume().on('end', () => done(answer.statusCode ?? 0))
      })
        .on('error', failed)
        .end(body === undefined ? undefined : JSON.stringify(body))
    })

  it.each([
    ['direct', client, {}],
    ['direct, with a forged line', client, { 'x-forwarded-for': '198.51.100.1' }],
    ['through the proxy', '127.0.0.1', { 'x-forwarded-for': client }],
    [
      'through the proxy, with a forged beginning',
      '127.0.0.1',
      { 'x-forwarded-for': `198.51.100.1, ${client}` },
    ],
    ['through the proxy, with its port', '127.0.0.1', { 'x-forwarded-for': `${client}:5050` }],
    ['through two proxies', '127.0.0.1', { 'x-forwarded-for': `${client}, 127.0.0.1` }],
  ] as const)(
    'comes from one address for sessions, the audit log, routes and keys: %s',
    async (_how, by, said) => {
      const email = `at-${Math.round(performance.now() * 1000)}@example.com`
      const registration = { ...account, email, organization_name: 'Ada' }
      expect(await from(by, behindProxy, '/api/v1/auth/register', { ...said }, registration)).toBe(201)
      const [session] = (await behindProxy.api('GET', '/api/user_sessions?sort=-created_at&limit=1')).body
        .data
      expect(session.ip).toBe(client)
      const entries = (await behindProxy.api('GET', '/admin/audit?limit=50')).body.data
      const made = entries.find(({ action }: { action: string }) => action === 'user_session.create')
      expect(made.ip).toBe(client)
      const user = (await behindProxy.api('GET', `/api/users?email=${email}`)).body.data[0]
      for (const [address, status] of [
        [client, 200],
        ['127.0.0.1', 403],
      ] as const) {
        const { key } = await behindProxy.create('api_keys', { user_id: user.id, allow_ips: [address] })
        const path = `/only/${email}/${address}`
        await makeRoute(behindProxy, upstream.url, { path_pattern: path, priority: 5, allow_ips: [address] })
        expect(await from(by, behindProxy, path, { ...said, 'x-api-key': key })).toBe(status)
        await makeRoute(behindProxy, upstream.url, { path_pattern: `${path}/any`, priority: 5 })
        expect(await from(by, behindProxy, `${path}/any`, { ...said, 'x-api-key': key })).toBe(status)
      }
    },
  )
})
