import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { connect as connectTls } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { askOverTls } from '#test/support/ask-over-tls.ts'
import { makeCustomer, makeRoute } from '#test/support/customer.ts'
import { lastingMonth } from '#test/support/lasting-month.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'
import { startUpstream, type Upstream } from '#test/support/upstream.ts'

const fixture = (name: string): string =>
  new URL(`../fixtures/upstream-tls/${name}`, import.meta.url).pathname
const ca = readFileSync(fixture('certificate.pem'))
const tls = { APIGATE_TLS_CERT: fixture('certificate.pem'), APIGATE_TLS_KEY: fixture('key.pem') }
const proxied = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.9' }
const workers = { APIGATE_WORKERS: '2' }
const behindProxy = { APIGATE_TRUSTED_PROXIES: '127.0.0.1' }

type Way = [how: string, env: Record<string, string>, always: Record<string, string>, isSecure: boolean]
const ways: Way[] = [
  ['HTTP', {}, {}, false],
  ['HTTP, where a stranger says it is HTTPS', {}, proxied, false],
  ['HTTPS that a trusted proxy ends', behindProxy, proxied, true],
  ['HTTPS of its own', tls, {}, true],
  ['HTTPS of its own, on two workers', { ...tls, ...workers }, {}, true],
]

describe.each(ways)('every answer of ours over %s', (_, env, always, isSecure) => {
  let house: TestHouse
  let upstream: Upstream
  let key: string
  beforeAll(async () => {
    upstream = await startUpstream()
    house = await startHouse({
      env: { APIGATE_CONTROL_RATE_LIMIT: '0', ...env },
      ...('APIGATE_TLS_KEY' in env && { ca }),
    })
    await makeRoute(house, upstream.url, { path_pattern: '/api-of-ours/*' })
    const gone = await house.create('upstreams', { name: 'gone', base_url: 'http://127.0.0.1:9' })
    await house.create('routes', { name: 'gone', path_pattern: '/gone/*', upstream_id: gone.id })
    key = (await makeCustomer(house, { requests_per_month: 1, quota_mode: 'hard' })).key
  })
  afterAll(async () => {
    await house.close()
    await upstream.close()
  })

  const ask = (method: string, path: string, headers: Record<string, string> = {}, body?: string) => {
    const asked = { method, headers: { ...always, ...headers }, ...(body !== undefined && { body }) }
    const url = house.url + path
    return isSecure && url.startsWith('https:')
      ? askOverTls(url, { ...asked, ca })
      : fetch(url, { ...asked, redirect: 'manual' })
  }
  /** What is wrong with the headers of an answer; nothing, if all is well. */
  const wrongIn = ({ headers }: { headers: Headers }): string[] => {
    const policy = headers.get('content-security-policy') ?? ''
    const sources = policy.replaceAll(/'(nonce|sha256)-[^']+'/g, '')
    return Object.entries({
      nosniff: headers.get('x-content-type-options') === 'nosniff',
      'no frames': headers.get('x-frame-options') === 'DENY' && policy.includes("frame-ancestors 'none'"),
      'a base': policy.includes("base-uri 'none'"),
      'a default': /default-src '(self|none)'/.test(policy),
      'no unsafe scripts': !/script-src[^;]*unsafe|default-src[^;]*unsafe|\*|\bhttp:/.test(sources),
      referrer: headers.get('referrer-policy') !== null,
      'a request id': headers.get('x-request-id') !== null,
      'strict transport': headers.has('strict-transport-security') === isSecure,
      'no name of a server': !headers.has('x-powered-by') && !headers.has('server'),
    }).flatMap(([what, isWell]) => (isWell ? [] : [what]))
  }

  test('carries the security headers, at every address and with every method, let in or not', async () => {
    const document = (await house.api('GET', '/openapi.json', undefined, always)).body
    const operator = { authorization: `Bearer ${house.token}` }
    const asked: [method: string, path: string, headers: Record<string, string>][] = []
    for (const [path, item] of Object.entries<object>(document.paths)) {
      const address = path.replaceAll(/\{\w+\}/g, 'nobody')
      for (const method of [...Object.keys(item), 'options', 'trace-not'].filter(
        (verb) => verb !== 'trace-not',
      ))
        asked.push([method.toUpperCase(), address, {}])
      asked.push(['DELETE', address, { origin: 'https://elsewhere.example' }], ['HEAD', address, {}])
      if ('get' in item) asked.push(['GET', address, operator])
    }
    for (const path of [
      '/',
      '/ui',
      '/ui/',
      '/ui/keys',
      '/portal',
      '/portal/none',
      '/docs',
      '/docs/none',
      '/favicon.ico',
    ])
      asked.push(['GET', path, {}], ['POST', path, {}])
    for (const path of [
      '/api/none',
      '/admin/none',
      '/assets/none',
      '/assets/app/none.js',
      '/health/none',
      '/ws/keys',
    ])
      asked.push(['GET', path, {}], ['PUT', path, operator])
    const wrong: unknown[] = []
    for (const [method, path, headers] of asked) {
      const answer = await ask(method, path, headers)
      await answer.text()
      const problems = wrongIn(answer)
      if (problems.length > 0) wrong.push([method, path, answer.status, ...problems])
    }
    expect(asked.length).toBeGreaterThan(300)
    expect(wrong).toEqual([])
  })

  test('carries them where the gateway refuses, and not on what an upstream answers', async () => {
    const bearer = { authorization: `Bearer ${key}` }
    const answers: [status: number, method: string, path: string, headers: Record<string, string>][] = [
      [404, 'GET', '/no-such-route', {}],
      [401, 'GET', '/api-of-ours/x', {}],
      [401, 'GET', '/api-of-ours/x', { 'x-api-key': 'ak_wrong' }],
      [502, 'GET', '/gone/x', bearer],
      [400, 'GET', '/api-of-ours/%zz%00', bearer],
    ]
    for (const [status, method, path, headers] of answers) {
      const answer = await ask(method, path, headers)
      await answer.text()
      expect([path, answer.status, wrongIn(answer)]).toEqual([path, status, []])
    }
    await lastingMonth()
    const served = await ask('GET', '/api-of-ours/x', bearer)
    expect([served.status, served.headers.has('content-security-policy')]).toEqual([200, false])
    const spent = await ask('GET', '/api-of-ours/x', bearer)
    expect([spent.status, wrongIn(spent)]).toEqual([402, []])
  })

  test('carries them where the request is none, or wants to leave HTTP', async () => {
    const said = Object.entries(always)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')
    const raw = async (request: string) => {
      const { hostname, port } = new URL(house.url)
      const socket = house.url.startsWith('https:')
        ? connectTls({ host: hostname, port: Number(port), ca, servername: 'localhost' })
        : connect(Number(port), hostname)
      socket.write(request)
      const [head = ''] = (await text(socket)).split('\r\n\r\n')
      const [line = '', ...fields] = head.split('\r\n')
      const headers = new Headers(fields.map((field) => field.split(/: ?/, 2) as [string, string]))
      return { status: Number(line.split(' ')[1]), headers }
    }
    const upgrade =
      'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n'
    const live = await raw(`GET /ws/api_keys HTTP/1.1\r\nHost: a\r\n${said}${upgrade}\r\n`)
    expect([live.status, wrongIn(live)]).toEqual([401, []])
    const trace = await raw(`TRACE /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${said}\r\n`)
    expect([trace.status, wrongIn(trace)]).toEqual([405, []])
    // Nobody who cannot be read is believed that a proxy spoke HTTPS for them.
    const malformed = await raw('GET / nonsense\r\n\r\n')
    const owed = house.url.startsWith('https:') || !isSecure ? [] : ['strict transport']
    expect([malformed.status, wrongIn(malformed)]).toEqual([400, owed])
  })
})
