import { gzipSync } from 'node:zlib'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Customer, makeCustomer, makeRoute } from '#test/support/customer.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'
import { startUpstream, type Upstream } from '#test/support/upstream.ts'

let house: TestHouse
let upstream: Upstream
let customer: Customer

beforeAll(async () => {
  upstream = await startUpstream()
  house = await startHouse()
  const routes: Record<string, Record<string, unknown>> = {
    '/head/*': {
      request_transform: {
        set_headers: { 'X-Caller': '=key.id', 'X-Source': 'gateway' },
        delete_headers: ['Cookie'],
        set_query: { units: 'metric' },
        delete_query: ['debug'],
      },
      response_transform: { set_headers: { 'X-Status': '=string(status)' }, delete_headers: ['Server'] },
    },
    '/wrap/*': { request_transform: { body_expr: '{"wrapped": body}' } },
    '/read/*': { request_transform: { set_headers: { 'X-Name': '=body.name' } } },
    '/hide/*': {
      response_transform: {
        body_expr: 'body.without(["secret"])',
        set_headers: { 'X-Size': '=string(size(body))' },
      },
    },
    '/echo/*': {
      response_transform: { set_headers: { 'X-Asked': '=request.headers["x-ask"] + request.path' } },
    },
    '/stream/*': { protocol: 'http_stream', response_transform: { set_headers: { 'X-Way': 'streamed' } } },
  }
  for (const [path_pattern, fields] of Object.entries(routes))
    await makeRoute(house, upstream.url, { path_pattern, ...fields })
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

const call = (path: string, init: RequestInit = {}) =>
  fetch(`${house.url}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${customer.key}`, ...(init.headers as Record<string, string>) },
  })

/** Units billed by these calls alone. */
async function billed(work: () => Promise<unknown>): Promise<number> {
  const before = await house.usageEvents()
  await work()
  const after = await house.usageEvents()
  return after.slice(before.length).reduce((sum, { units }) => sum + Number(units), 0)
}

const answerJson = (value: unknown, headers: Record<string, string> = {}) =>
  upstream.answer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', ...headers })
    response.end(JSON.stringify(value))
  })

describe('a request_transform', () => {
  it('changes headers and query on the way to the upstream', async () => {
    await call('/head/x?debug=1&a=b', { headers: { cookie: 'session=1' } })
    const [seen] = upstream.seen
    expect(seen?.url).toBe('/head/x?a=b&units=metric')
    expect(seen?.headers).toMatchObject({ 'x-caller': customer.keyId, 'x-source': 'gateway' })
    expect(seen?.headers['cookie']).toBeUndefined()
  })

  it.each([
    ['as it came', (text: string) => ({ body: text })],
    ['compressed', (text: string) => ({ body: gzipSync(text), headers: { 'content-encoding': 'gzip' } })],
  ])('makes a new body of one that was sent %s, with its own length', async (_name, sent) => {
    await call('/wrap/x', { method: 'POST', ...sent('{"a":1}') })
    const [seen] = upstream.seen
    expect(seen?.body).toBe('{"wrapped":{"a":1}}')
    expect(seen?.headers).toMatchObject({ 'content-length': '19', 'content-type': 'application/json' })
    expect(seen?.headers['content-encoding']).toBeUndefined()
  })

  it('that only reads the body sends it on byte for byte', async () => {
    await call('/read/x', { method: 'PUT', body: '{ "name" : "ada" }' })
    expect(upstream.seen[0]?.body).toBe('{ "name" : "ada" }')
    expect(upstream.seen[0]?.headers['x-name']).toBe('ada')
  })

  it('that fails asks the upstream nothing and costs nothing', async () => {
    const units = await billed(async () => {
      const answer = await call('/read/x', { method: 'POST', body: '{"other":1}' })
      expect(answer.status).toBe(500)
      expect(await answer.json()).toMatchObject({
        error: { type: 'transform_error', details: { field: 'request_transform' } },
      })
    })
    expect([units, upstream.seen]).toEqual([0, []])
  })

  it('refuses a body that is too large to be held, and asks the upstream nothing', async () => {
    const answer = await call('/wrap/x', { method: 'POST', body: `"${'x'.repeat(1_100_000)}"` })
    expect(answer.status).toBe(413)
    expect(upstream.seen).toEqual([])
  })
})

describe('a response_transform', () => {
  it('changes headers without touching the body', async () => {
    upstream.answer((_request, response) => {
      response.writeHead(201, { server: 'secret/1.0' })
      response.end('made')
    })
    const answer = await call('/head/x')
    expect([answer.status, answer.headers.get('x-status'), answer.headers.get('server')]).toEqual([
      201,
      '201',
      null,
    ])
    expect(await answer.text()).toBe('made')
  })

  it.each([['identity'], ['gzip']])('makes a new body of a %s one, with its own length', async (coding) => {
    upstream.answer((_request, response) => {
      const body = Buffer.from('{"secret":"s3cr3t","name":"ada"}')
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': coding, etag: '"1"' })
      response.end(coding === 'gzip' ? gzipSync(body) : body)
    })
    const answer = await call('/hide/x')
    expect(await answer.text()).toBe('{"name":"ada"}')
    expect(answer.headers.get('x-size')).toBe('2')
    expect(answer.headers.get('content-length')).toBe('14')
    expect(answer.headers.get('etag')).toBeNull()
  })

  it.each([
    ['is no JSON', 'secret text'],
    ['lacks what is read', '[1]'],
    ['is too large to be held', `{"secret":"${'s'.repeat(1_100_000)}"}`],
    ['comes in pieces and is too large', null],
  ])('of an answer that %s lets nothing of it out and costs nothing', async (_name, body) => {
    upstream.answer((_request, response) => {
      response.writeHead(200, { 'x-secret': 'head' })
      if (body !== null) response.end(body)
      else for (let piece = 0; piece < 40; piece++) response.write('s'.repeat(50_000))
    })
    const units = await billed(async () => {
      const answer = await call('/hide/x')
      const text = await answer.text()
      expect([answer.status, answer.headers.get('x-secret')]).toEqual([500, null])
      expect(JSON.parse(text)).toMatchObject({ error: { type: 'transform_error' } })
      expect(text).not.toContain('secret text')
    })
    expect(units).toBe(0)
  })

  it('of an answer that is cut off lets nothing of it out and costs nothing', async () => {
    upstream.answer((_request, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('{"secret":')
      response.socket?.end()
    })
    const units = await billed(async () => {
      const answer = await call('/hide/x')
      expect(answer.status).toBe(502)
      expect(await answer.text()).not.toContain('"secret":')
    })
    expect(units).toBe(0)
  })

  it('sees the request as the client sent it', async () => {
    const answer = await call('/echo/x', { headers: { 'x-ask': 'who' } })
    expect(answer.headers.get('x-asked')).toBe('who/echo/x')
  })

  it('leaves an answer without body without one, and does not promise the length of the old body', async () => {
    answerJson({ secret: 1, name: 'ada' })
    const head = await call('/hide/x', { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length')]).toEqual([200, null])
    upstream.answer((_request, response) => void response.writeHead(304).end())
    expect((await call('/hide/x')).status).toBe(304)
  })

  it('of a stream does not hold it up', async () => {
    const { promise: seen, resolve: goOn } = Promise.withResolvers<void>()
    upstream.answer((_request, response) => {
      response.write('first')
      void seen.then(() => response.end('last'))
    })
    const answer = await call('/stream/x')
    expect(answer.headers.get('x-way')).toBe('streamed')
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe('first')
    goOn()
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe('last')
  })
})

it('a mistake in a transform is refused when the route is written, with field, line and column', async () => {
  const { body: upstreams } = await house.api('GET', '/api/upstreams?limit=1')
  const answer = await house.api('POST', '/api/routes', {
    name: 'wrong',
    path_pattern: '/wrong/*',
    upstream_id: upstreams.data[0].id,
    response_transform: { body_expr: 'body.(', set_headers: { Host: 'x' } },
  })
  expect(answer.status).toBe(400)
  const fields = answer.body.error.details.errors.map(({ field }: { field: string }) => field)
  expect(fields).toEqual(expect.arrayContaining(['response_transform.body_expr']))
})

it('a stored route that does not compile any more is refused, not served as if it had no transform', async () => {
  const { routeId } = await makeRoute(house, upstream.url, {
    path_pattern: '/broken/*',
    response_transform: { body_expr: '{"known": 1}' },
  })
  const { db } = house.running.house.database
  await sql`update routes set response_transform = '{"body_expr":"unknown("}' where id = ${routeId}`.execute(
    db,
  )
  await makeRoute(house, upstream.url, { path_pattern: '/reloads-the-routes/*' })
  const answer = await call('/broken/x')
  expect([answer.status, upstream.seen]).toEqual([500, []])
  expect(await answer.json()).toMatchObject({ error: { type: 'transform_error' } })
})
