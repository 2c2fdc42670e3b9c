import { once } from 'node:events'
import { createServer, request as httpRequest } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Customer, makeCustomer, makeRoute } from '#test/support/customer.ts'
import { frozenClock } from '#test/support/frozen-clock.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'
import { startUpstream, type Upstream } from '#test/support/upstream.ts'

let house: TestHouse
let upstream: Upstream
let customer: Customer

beforeAll(async () => {
  upstream = await startUpstream()
  house = await startHouse({ clock: frozenClock() })
  await makeRoute(house, `${upstream.url}/base/`, { path_pattern: '/v/*' })
  await makeRoute(house, upstream.url, { path_pattern: '/open/*', auth_required: false })
  await makeRoute(house, upstream.url, { path_pattern: '/files/*', path_rewrite: '/store/{rest}' })
  await makeRoute(house, upstream.url, {
    path_pattern: '^/users/{id}/posts/{post}$',
    match_type: 'regex',
    path_rewrite: '/p/{post}/of/{id}',
  })
  await makeRoute(house, upstream.url, { path_pattern: '/as-put/*', method_override: 'PUT' })
  await makeRoute(house, 'http://127.0.0.1:1', { path_pattern: '/dead/*' })
  await makeRoute(house, upstream.url, { path_pattern: '/slow/*' }, { timeout_ms: 300 })
  await makeRoute(
    house,
    upstream.url,
    { path_pattern: '/bearer/*' },
    { auth_type: 'bearer', auth_value_encrypted: 'upstream-token' },
  )
  await makeRoute(
    house,
    upstream.url,
    { path_pattern: '/header/*' },
    { auth_type: 'header', auth_header: 'X-Upstream', auth_value_encrypted: 'secret' },
  )
  customer = await makeCustomer(house)
})
afterAll(async () => {
  await house.close()
  await upstream.close()
})
beforeEach(() => {
  upstream.seen.length = 0
  upstream.answer((_request, response) => void response.end('ok'))
})

const keyed = (headers: Record<string, string> = {}) => ({
  authorization: `Bearer ${customer.key}`,
  ...headers,
})
const get = (path: string, headers: Record<string, string> = keyed()) =>
  fetch(`${house.url}${path}`, { headers })

/** Sends bytes as they are and answers everything that came back until the connection ended. */
async function raw(text: string): Promise<string> {
  const socket = connect(house.running.port, '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.write(text, 'latin1')
  await once(socket, 'close')
  return Buffer.concat(chunks).toString('latin1')
}

describe('what the upstream gets', () => {
  it('is the path below base_url with its query, untouched', async () => {
    await get('/v/a%20b/c;d?x=1&y=%2F&&z')
    expect(upstream.seen[0]?.url).toBe('/base/v/a%20b/c;d?x=1&y=%2F&&z')
  })

  it.each([
    ['/files/a/b?c=1', '/store/a/b?c=1'],
    ['/users/7/posts/9', '/p/9/of/7'],
  ])('%s is rewritten to %s', async (path, expected) => {
    await get(path)
    expect(upstream.seen[0]?.url).toBe(expected)
  })

  it('is asked with the method that the route overrides', async () => {
    await get('/as-put/x')
    expect(upstream.seen[0]?.method).toBe('PUT')
  })

  it('knows who calls, and never hears it from the client', async () => {
    await get(
      '/v/x',
      keyed({ 'x-user-id': 'usr_evil', X_Plan_Id: 'pln_evil', 'x-organization-id': 'org_evil' }),
    )
    const headers = upstream.seen[0]?.headers
    expect(headers).toMatchObject({
      'x-user-id': customer.userId,
      'x-organization-id': customer.organizationId,
      'x-plan-id': customer.planId,
      'x-key-id': customer.keyId,
      'x-subscription-id': customer.subscriptionId,
      'x-consumer-id': customer.organizationId,
    })
    expect(JSON.stringify(headers)).not.toContain('evil')
  })

  it('hears where the request came from, not what an untrusted client claims', async () => {
    await get(
      '/v/x',
      keyed({ 'x-forwarded-for': '6.6.6.6', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'evil' }),
    )
    expect(upstream.seen[0]?.headers).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': new URL(house.url).host,
      host: new URL(upstream.url).host,
    })
  })

  it('never gets the key, wherever it was sent', async () => {
    await get('/v/x?a=1&api_key=second&b=2', keyed({ 'x-api-key': 'third' }))
    await get(`/v/x?api_key=${customer.key}`, {})
    await get('/v/x', { 'X-API-Key': customer.key })
    await get('/open/x', keyed())
    expect(upstream.seen).toHaveLength(4)
    const all = JSON.stringify(upstream.seen)
    for (const secret of [customer.key, 'second', 'third', 'api_key']) expect(all).not.toContain(secret)
    expect(upstream.seen[0]?.url).toBe('/base/v/x?a=1&b=2')
  })

  it('keeps credentials that are not ours on a public route', async () => {
    await get('/open/x', { authorization: 'Bearer their-own-token' })
    expect(upstream.seen[0]?.headers.authorization).toBe('Bearer their-own-token')
  })

  it("gets our own credentials where the upstream wants some, in the place of the client's", async () => {
    await get('/bearer/x')
    await get('/header/x', keyed({ 'x-upstream': 'guess' }))
    expect(upstream.seen[0]?.headers.authorization).toBe('Bearer upstream-token')
    expect(upstream.seen[1]?.headers['x-upstream']).toBe('secret')
  })

  it('gets no hop-by-hop header, nor one that Connection names', async () => {
    await raw(
      `GET /v/x HTTP/1.1\r\nHost: h\r\nX-API-Key: ${customer.key}\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\nTE: trailers\r\nProxy-Authorization: x\r\nX-End: 2\r\n\r\n`,
    )
    const names = Object.keys(upstream.seen[0]?.headers ?? {})
    for (const name of ['x-hop', 'keep-alive', 'te', 'proxy-authorization']) expect(names).not.toContain(name)
    expect(names).toContain('x-end')
  })

  it('gets the whole body, of known length or chunked', async () => {
    for (const body of ['x'.repeat(300_000), new Blob(['y'.repeat(200_000)]).stream()]) {
      await fetch(`${house.url}/v/x`, {
        method: 'POST',
        headers: keyed(),
        body,
        duplex: 'half',
      } as RequestInit)
    }
    expect(upstream.seen.map((one) => one.body.length)).toEqual([300_000, 200_000])
  })

  it('gets many large bodies at once byte for byte, and so do their clients', async () => {
    upstream.answer((_request, response, { body }) => void response.end(body))
    const bodies = Array.from({ length: 12 }, (_, seed) =>
      Array.from({ length: 100_000 }, (_, index) => `${seed}-${index * 7919}`).join(),
    )
    const answers = await Promise.all(
      bodies.map(async (body) => {
        const answer = await fetch(`${house.url}/v/x`, { method: 'POST', headers: keyed(), body })
        return answer.text()
      }),
    )
    expect(answers.map((text, index) => text === bodies[index])).toEqual(bodies.map(() => true))
  })

  it('gets the request id that the client chose, when it is well-formed', async () => {
    const kept = await get('/v/x', keyed({ 'x-request-id': 'abc-123' }))
    const made = await get('/v/x', keyed({ 'x-request-id': 'not ok!' }))
    expect([kept.headers.get('x-request-id'), upstream.seen[0]?.headers['x-request-id']]).toEqual([
      'abc-123',
      'abc-123',
    ])
    expect(made.headers.get('x-request-id')).toMatch(/^req_/)
    expect(upstream.seen[1]?.headers['x-request-id']).toBe(made.headers.get('x-request-id'))
  })
})

describe('what the client gets', () => {
  it('is the status, the headers and several cookies of the upstream', async () => {
    upstream.answer((_request, response) => {
      response.writeHead(418, [
        'Set-Cookie',
        'a=1',
        'Set-Cookie',
        'b=2',
        'X-Own',
        'kept',
        'X-RateLimit-Limit',
        '1',
        'Connection',
        'X-Own-Hop',
        'X-Own-Hop',
        '1',
      ])
      response.end('teapot')
    })
    const response = await get('/v/x')
    expect([response.status, await response.text()]).toEqual([418, 'teapot'])
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    expect(response.headers.get('x-own')).toBe('kept')
    expect(response.headers.get('x-ratelimit-limit')).toBe('1000')
    expect(response.headers.has('x-own-hop')).toBe(false)
  })

  it('comes as it is made: the first event of a stream leaves before the stream ends', async () => {
    let finish = (): void => {}
    upstream.answer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: 1\n\n')
      finish = () => response.end('data: 2\n\n')
    })
    const response = await get('/v/x')
    const reader = response.body?.getReader()
    const first = await reader?.read()
    expect(Buffer.from(first?.value ?? []).toString()).toBe('data: 1\n\n')
    finish()
    const second = await reader?.read()
    expect(Buffer.from(second?.value ?? []).toString()).toBe('data: 2\n\n')
    expect((await reader?.read())?.done).toBe(true)
  })

  it('has the head at once when the body takes its time', async () => {
    let finish = (): void => {}
    upstream.answer((_request, response) => {
      response.flushHeaders()
      finish = () => response.end('late')
    })
    const response = await get('/v/x')
    expect(response.status).toBe(200)
    finish()
    expect(await response.text()).toBe('late')
  })

  it('is the whole of a large answer', async () => {
    const large = Buffer.alloc(5_000_000, 'z')
    upstream.answer((_request, response) => void response.end(large))
    const body = Buffer.from(await (await get('/v/x')).arrayBuffer())
    expect(body.equals(large)).toBe(true)
  })

  it('has no body for HEAD, but the length it would have', async () => {
    upstream.answer((_request, response) => {
      response.setHeader('content-length', '1234')
      response.end()
    })
    const response = await fetch(`${house.url}/v/x`, { method: 'HEAD', headers: keyed() })
    expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([
      200,
      '1234',
      '',
    ])
  })

  it.each([204, 304])('has no body and no length for %i', async (status) => {
    upstream.answer((_request, response) => void response.writeHead(status).end())
    const text = await raw(
      `GET /v/x HTTP/1.1\r\nHost: h\r\nX-API-Key: ${customer.key}\r\nConnection: close\r\n\r\n`,
    )
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(text).not.toMatch(/content-length|transfer-encoding/i)
    expect(text.endsWith('\r\n\r\n')).toBe(true)
  })

  it('is 502 when the upstream is not there or breaks off, 504 when it is silent', async () => {
    expect((await get('/dead/x')).status).toBe(502)
    upstream.answer((_request, response) => response.destroy())
    const broken = await get('/v/x')
    expect([broken.status, ((await broken.json()) as { error: { type: string } }).error.type]).toEqual([
      502,
      'upstream_error',
    ])
    upstream.answer(() => {})
    const silent = await get('/slow/x')
    expect([silent.status, ((await silent.json()) as { error: { type: string } }).error.type]).toEqual([
      504,
      'upstream_timeout',
    ])
  })

  it('is cut, never silently short, when the upstream breaks off in the middle', async () => {
    upstream.answer((_request, response) => {
      response.writeHead(200, { 'content-length': '1000' })
      response.write('x'.repeat(10), () => response.destroy())
    })
    const response = await get('/v/x')
    await expect(response.text()).rejects.toThrow()
  })
})

describe('a client that leaves', () => {
  const eventsOf = async (own: Customer) =>
    (await house.usageEvents())
      .filter((event) => event['organization_id'] === own.organizationId)
      .map((event) => [event['status'], event['units']])
      .sort()

  /** Sends a request whose answer never comes, leaves when the upstream has it, and waits until the upstream hears of that. */
  async function leaveUnanswered(own: Customer, body?: string): Promise<void> {
    const cancelled = Promise.withResolvers<void>()
    const arrived = Promise.withResolvers<void>()
    upstream.answer((_request, response) => {
      response.on('close', cancelled.resolve)
      arrived.resolve()
    })
    const client = httpRequest(`${house.url}/v/x`, { method: 'POST', headers: { 'x-api-key': own.key } })
    client.on('error', () => {})
    client.end(body)
    await arrived.promise
    client.destroy()
    await cancelled.promise
    upstream.answer((_request, response) => void response.end('ok'))
  }

  it.each([[undefined], ['a body']])(
    'before the answer pays for the request that was sent (%s), and it is cancelled at the upstream',
    async (body) => {
      const own = await makeCustomer(house)
      await leaveUnanswered(own, body)
      const next = await get('/v/x', { authorization: `Bearer ${own.key}` })
      expect(next.headers.get('x-quota-used')).toBe('2')
      expect(await eventsOf(own)).toEqual([
        [200, 1],
        [499, 1],
      ])
    },
  )

  it('cannot get past a hard quota', async () => {
    const own = await makeCustomer(house, { requests_per_month: 2 })
    await leaveUnanswered(own)
    await leaveUnanswered(own)
    expect((await get('/v/x', { authorization: `Bearer ${own.key}` })).status).toBe(402)
  })

  it('before the answer pays nothing where the plan says so', async () => {
    const own = await makeCustomer(house, { bill_aborted: false })
    await leaveUnanswered(own)
    const next = await get('/v/x', { authorization: `Bearer ${own.key}` })
    expect(next.headers.get('x-quota-used')).toBe('1')
    expect(await eventsOf(own)).toEqual([
      [200, 1],
      [499, 0],
    ])
  })

  it('in the middle of its body pays nothing', async () => {
    const own = await makeCustomer(house)
    const arrived = Promise.withResolvers<void>()
    const cancelled = Promise.withResolvers<void>()
    const waiting = createServer((request, response) => {
      response.on('close', cancelled.resolve)
      request.once('data', arrived.resolve).on('error', () => {})
    }).listen(0, '127.0.0.1')
    await once(waiting, 'listening')
    const { port } = waiting.address() as AddressInfo
    await makeRoute(house, `http://127.0.0.1:${port}`, { path_pattern: '/half/*' })
    const headers = { 'x-api-key': own.key, 'content-length': '10' }
    const client = httpRequest(`${house.url}/half/x`, { method: 'POST', headers })
    client.on('error', () => {})
    client.write('half')
    await arrived.promise
    client.destroy()
    await cancelled.promise
    waiting.close()
    expect(await eventsOf(own)).toEqual([[499, 0]])
  })

  it('while it waits for a connection to the upstream pays nothing', async () => {
    const own = await makeCustomer(house)
    await makeRoute(house, upstream.url, { path_pattern: '/one/*' }, { max_connections: 1, max_pending: 5 })
    const arrived = Promise.withResolvers<() => void>()
    upstream.answer((_request, response, { url }) => {
      if (url === '/one/x') arrived.resolve(() => void response.end('ok'))
      else response.writeHead(500).end()
    })
    const headers = { authorization: `Bearer ${own.key}` }
    // What is free, but shows what is reserved: its own unit among it.
    const reserved = async () => (await get('/v/free', headers)).headers.get('x-quota-used')
    const first = get('/one/x', headers)
    const finish = await arrived.promise
    const client = httpRequest(`${house.url}/one/y`, { headers })
    client.on('error', () => {})
    client.end()
    await expect.poll(reserved).toBe('3')
    client.destroy()
    await expect.poll(reserved).toBe('2')
    finish()
    await first
    expect(upstream.seen.map((one) => one.url)).not.toContain('/one/y')
    expect((await eventsOf(own)).filter(([status]) => status !== 500)).toEqual([
      [200, 1],
      [499, 0],
    ])
  })

  it('pays for what the upstream had begun to answer', async () => {
    const own = await makeCustomer(house)
    let cancelled = (): void => {}
    const wasCancelled = new Promise<void>((resolve) => {
      cancelled = resolve
    })
    upstream.answer((_request, response) => {
      response.on('close', cancelled)
      response.write('the beginning')
    })
    const client = httpRequest(`${house.url}/v/x`, { headers: { 'x-api-key': own.key } })
    client.on('error', () => {})
    client.on('response', (response) => response.once('data', () => client.destroy()))
    client.end()
    await wasCancelled
    const events = (await house.usageEvents()).filter(
      (event) => event['organization_id'] === own.organizationId,
    )
    expect(events).toMatchObject([{ status: 200, units: 1, response_bytes: 13 }])
  })
})

describe('a request that two servers could read in two ways', () => {
  const lines = (first: string, ...headers: string[]): string =>
    [first, 'Connection: close', `X-API-Key: ${customer.key}`, ...headers, '', ''].join('\r\n')
  const cases: [name: string, text: () => string][] = [
    ['two Host headers', () => lines('GET /v/x HTTP/1.1', 'Host: a', 'Host: b')],
    ['no Host', () => lines('GET /v/x HTTP/1.1')],
    ['a Host with a path', () => lines('GET /v/x HTTP/1.1', 'Host: a/b')],
    [
      'length and chunked',
      () => lines('POST /v/x HTTP/1.1', 'Host: a', 'Content-Length: 3', 'Transfer-Encoding: chunked'),
    ],
    ['two lengths', () => lines('POST /v/x HTTP/1.1', 'Host: a', 'Content-Length: 3', 'Content-Length: 4')],
    ['a signed length', () => lines('POST /v/x HTTP/1.1', 'Host: a', 'Content-Length: +3')],
    ['an unknown coding', () => lines('POST /v/x HTTP/1.1', 'Host: a', 'Transfer-Encoding: xchunked')],
    [
      'codings besides chunked',
      () => lines('POST /v/x HTTP/1.1', 'Host: a', 'Transfer-Encoding: gzip, chunked'),
    ],
    ['a folded header', () => lines('GET /v/x HTTP/1.1', 'Host: a', 'X-A: 1\r\n folded')],
    ['a space before the colon', () => lines('GET /v/x HTTP/1.1', 'Host: a', 'X-A : 1')],
    [
      'a bare line feed',
      () => `GET /v/x HTTP/1.1\nHost: a\nX-API-Key: ${customer.key}\nConnection: close\n\n`,
    ],
    ['dot segments', () => lines('GET /open/../v/x HTTP/1.1', 'Host: a')],
    ['encoded dot segments', () => lines('GET /open/%2e%2e/v/x HTTP/1.1', 'Host: a')],
    ['dot segments behind an encoded slash', () => lines('GET /open/..%2fv/x HTTP/1.1', 'Host: a')],
    ['dot segments behind a backslash', () => lines('GET /open/..\\v/x HTTP/1.1', 'Host: a')],
    ['a broken percent-encoding', () => lines('GET /v/%zz HTTP/1.1', 'Host: a')],
    ['an encoded line break', () => lines('GET /v/%0d%0aX:1 HTTP/1.1', 'Host: a')],
    [
      'two Authorization headers',
      () => lines('GET /v/x HTTP/1.1', 'Host: a', 'Authorization: Basic eA==', 'Authorization: Basic eQ=='),
    ],
  ]
  it.each(cases)('%s: is refused with 400 and never forwarded', async (_name, text) => {
    const answer = await raw(text())
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))).error.type).toBe('invalid_request')
    expect(upstream.seen).toEqual([])
  })
})

describe('a request that is too large', () => {
  it('in its head is 431', async () => {
    const answer = await raw(`GET /v/x HTTP/1.1\r\nHost: h\r\nX-Long: ${'x'.repeat(40_000)}\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 431 [\s\S]*"type":"headers_too_large"/)
  })
})

describe('bodies', () => {
  it('past the limit are 413 before anything is counted, and while they stream', async () => {
    await house.create('settings', { key: 'gateway.max_body_bytes', value: '1000' })
    const own = await makeCustomer(house)
    const headers = { authorization: `Bearer ${own.key}` }
    const known = await fetch(`${house.url}/v/x`, { method: 'POST', headers, body: 'x'.repeat(1001) })
    expect([known.status, ((await known.json()) as { error: { type: string } }).error.type]).toEqual([
      413,
      'payload_too_large',
    ])
    const stream = new Blob(['y'.repeat(5_000)]).stream()
    const chunked = await fetch(`${house.url}/v/x`, {
      method: 'POST',
      headers,
      body: stream,
      duplex: 'half',
    } as RequestInit)
    expect(chunked.status).toBe(413)
    const fits = await fetch(`${house.url}/v/x`, { method: 'POST', headers, body: 'x'.repeat(1000) })
    expect([fits.status, fits.headers.get('x-quota-used')]).toEqual([200, '1'])
    await house.api('DELETE', '/api/settings/gateway.max_body_bytes')
  })

  it('that become too large only after the answer has begun do not make it free', async () => {
    const own = await makeCustomer(house)
    await house.create('settings', { key: 'gateway.max_body_bytes', value: '1000' })
    const streaming = createServer((request, response) => {
      request.on('error', () => {})
      response.write('an answer')
    }).listen(0, '127.0.0.1')
    await once(streaming, 'listening')
    const { port } = streaming.address() as AddressInfo
    await makeRoute(house, `http://127.0.0.1:${port}`, { path_pattern: '/early/*' })
    const client = httpRequest(`${house.url}/early/x`, { method: 'POST', headers: { 'x-api-key': own.key } })
    client.on('error', () => {})
    client.write('x')
    const [response] = await once(client, 'response')
    const closed = Promise.withResolvers<void>()
    response.on('error', () => {}).on('close', closed.resolve)
    await once(response, 'data')
    client.write('y'.repeat(1_000))
    await closed.promise
    expect(response.complete).toBe(false)
    streaming.close()
    await house.api('DELETE', '/api/settings/gateway.max_body_bytes')
    const events = await house.usageEvents()
    expect(events.filter((event) => event['organization_id'] === own.organizationId)).toMatchObject([
      { status: 200, units: 1, response_bytes: 9 },
    ])
  })

  it('wait for 100-continue until the request is admitted', async () => {
    const head = (key: string) =>
      `POST /v/x HTTP/1.1\r\nHost: h\r\nX-API-Key: ${key}\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n`
    expect(await raw(head('ak_wrong'))).toMatch(/^HTTP\/1\.1 401 /)
    expect(await raw(`${head(customer.key)}hi`)).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /)
    expect(upstream.seen.map((one) => one.body)).toEqual(['hi'])
  })
})

it('the same X-Request-Id sent twice is billed twice', async () => {
  const own = await makeCustomer(house)
  const headers = { authorization: `Bearer ${own.key}`, 'x-request-id': 'mine' }
  await get('/v/x', headers)
  await get('/v/x', headers)
  const events = (await house.usageEvents()).filter(
    (event) => event['organization_id'] === own.organizationId,
  )
  expect(events.map((event) => event['request_id'])).toEqual(['mine', 'mine'])
  expect(new Set(events.map((event) => event['id'])).size).toBe(2)
})

describe('our own secrets', () => {
  const operatorToken = `opt_${'a'.repeat(64)}`
  it.each([
    [
      'an operator token as bearer on a public route',
      '/open/x',
      { authorization: `Bearer ${operatorToken}` },
    ],
    ['an operator token without a scheme', '/open/x', { authorization: operatorToken }],
    ['a key of an earlier prefix', '/open/x', { 'x-api-key': `old_${'b'.repeat(64)}` }],
    ['a token in another scheme on a keyed route', '/v/x', { authorization: `Token ${operatorToken}` }],
  ])('%s: never reach the upstream', async (_name, path, headers) => {
    await get(path, { ...(path === '/v/x' ? { 'x-api-key': customer.key } : {}), ...headers })
    expect(upstream.seen).toHaveLength(1)
    expect(JSON.stringify(upstream.seen)).not.toMatch(/_[0-9a-f]{64}/)
  })

  it('a key in the query does not, however the parameter is spelt', async () => {
    await get(`/open/x?a=1&api%5Fkey=${customer.key}`, {})
    expect(upstream.seen[0]?.url).toBe('/open/x?a=1')
  })

  it('the operator’s session stays with the control plane, both ways', async () => {
    upstream.answer((_request, response) => {
      response.writeHead(200, [
        ...[
          'Set-Cookie',
          'apigate_operator=evil',
          'Set-Cookie',
          '__Host-apigate_operator=evil',
          'Set-Cookie',
          'theirs=1',
        ],
      ])
      response.end('ok')
    })
    const cookie = 'a=1; apigate_operator=ses_secret; __Host-apigate_operator=ses_secret; b=2'
    const response = await get('/v/x', keyed({ cookie }))
    expect(upstream.seen[0]?.headers.cookie).toBe('a=1; b=2')
    expect(response.headers.getSetCookie()).toEqual(['theirs=1'])
    await get('/v/x', keyed({ cookie: 'apigate_operator=ses_secret' }))
    expect(upstream.seen[1]?.headers.cookie).toBeUndefined()
  })
})

describe('a path that the upstream could read as another one', () => {
  it.each(['/open/..;/v/x', '//v/x', '/open%2F..%2Fv/x', '/v%2Fx', '/v;p=1/x', '/open//v/x\\..'])(
    '%s is refused when that would be another route',
    async (path) => {
      await makeRoute(house, upstream.url, { path_pattern: '/*', auth_required: false, priority: -1 }).catch(
        () => {},
      )
      const answer = await raw(`GET ${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`)
      expect(answer).toMatch(/^HTTP\/1\.1 400 /)
      expect(upstream.seen).toEqual([])
    },
  )

  it('goes on when both readings are the same route', async () => {
    await get('/v//a;b=1/c%2Fd')
    expect(upstream.seen[0]?.url).toBe('/base/v//a;b=1/c%2Fd')
  })

  it('is never made by a rewrite out of harmless captures', async () => {
    await makeRoute(house, upstream.url, {
      path_pattern: '^/pair/{dir}-{file}$',
      match_type: 'regex',
      path_rewrite: '/data/{dir}/{file}',
    })
    expect((await get('/pair/..-secret')).status).toBe(500)
    expect(upstream.seen).toEqual([])
  })
})
