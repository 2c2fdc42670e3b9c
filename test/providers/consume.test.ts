import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createOutboundHttp } from '#adapters/http/outbound-http.ts'
import { type ConsumedCall, callMethod } from '#core/channel/consume/call-method.ts'
import { consumedDocument } from '#core/schema/consume-document.ts'
import { startUpstream } from '#test/support/upstream.ts'

const secret = 'sk_live_very-secret-value'

/** A call engine with everything but the network replaced; `waits` is how long it would have slept. */
function engine(parts: { environment?: Record<string, string> } = {}) {
  const lines: string[] = []
  const waits: number[] = []
  const tell = (fields: object, message: string): void =>
    void lines.push(`${message} ${JSON.stringify(fields)}`)
  let keys = 0
  const deps = {
    http: createOutboundHttp(),
    clock: { now: () => Date.UTC(2026, 10, 20, 12) },
    log: { debug: tell, info: tell, warn: tell, error: tell },
    environment: parts.environment ?? {},
    wait: async (ms: number) => void waits.push(ms),
    chance: () => 1,
    newKey: () => `key-${++keys}`,
  }
  return { deps, lines, waits }
}

async function service() {
  const upstream = await startUpstream()
  onTestFinished(upstream.close)
  return upstream
}

/** A call of the method `go` of an API as its YAML has it. */
function callOf(
  api: Record<string, unknown>,
  method: Record<string, unknown>,
  parts: Partial<ConsumedCall> = {},
): ConsumedCall {
  const parsed = consumedDocument.parse({ timeout_ms: 60_000, ...api, methods: { go: method } })
  const found = parsed.methods['go']
  if (found === undefined) throw new Error('no method')
  const config = { api_key: secret, account: 'acct_1' }
  return {
    api: parsed,
    method: found,
    provider: 'acme',
    input: {},
    config,
    secrets: [secret],
    allowsPrivate: true,
    ...parts,
  }
}

describe('a request is what its YAML describes', () => {
  it('with path, query, headers and JSON body from the input and the configuration', async () => {
    const { url, seen, answer } = await service()
    answer((_request, response) => {
      response.setHeader('x-trace', 't-1')
      response.end('{"data":{"items":[{"id":"x"},{"id":"cus_2"}]}}')
    })
    const { deps } = engine({ environment: { ACME_REGION: 'eu' } })
    const call = callOf(
      {
        base: `${url}/v1/`,
        headers: { 'X-Region': '${ACME_REGION}' },
        auth: { type: 'bearer', bearer: '${api_key}' },
      },
      {
        method: 'POST',
        path: '/accounts/${account}/customers/{customer.id}',
        query: { expand: 'expand', fixed: '=yes', none: 'absent' },
        map: {
          mail: 'email',
          nested: { list: ['=a', 'n', 'absent'], gone: { deep: 'absent' } },
          limit: 5,
          live: true,
        },
        response: {
          set: { customer_id: 'data.items[1].id', trace: '$headers.x-trace', asked: '$input.email' },
        },
      },
      { input: { email: 'a@b.example', n: 7, expand: ['one', 'two'], customer: { id: 'c/1' } } },
    )
    expect(await callMethod(deps, call)).toEqual({
      ok: true,
      value: { customer_id: 'cus_2', trace: 't-1', asked: 'a@b.example' },
    })
    expect(seen[0]).toMatchObject({
      method: 'POST',
      url: '/v1/accounts/acct_1/customers/c%2F1?expand=one&expand=two&fixed=yes',
      headers: { authorization: `Bearer ${secret}`, 'x-region': 'eu', 'content-type': 'application/json' },
    })
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({
      mail: 'a@b.example',
      nested: { list: ['a', 7] },
      limit: 5,
      live: true,
    })
  })

  it('as a form where it says so, nested names in brackets', async () => {
    const { url, seen } = await service()
    const map = { email: 'email', metadata: { our_id: 'id' }, items: [{ price: 'price' }] }
    const input = { email: 'a+b@c.example', id: 'o&1', price: 'p=1' }
    await callMethod(
      engine().deps,
      callOf({ base: url }, { method: 'POST', path: '/f', body: 'form', map }, { input }),
    )
    expect(seen[0]?.headers['content-type']).toBe('application/x-www-form-urlencoded')
    expect([...new URLSearchParams(seen[0]?.body)]).toEqual([
      ['email', 'a+b@c.example'],
      ['metadata[our_id]', 'o&1'],
      ['items[0][price]', 'p=1'],
    ])
  })

  it.each([
    [
      'basic',
      { type: 'basic', username: '${account}', password: '${api_key}' },
      'authorization',
      `Basic ${btoa(`acct_1:${secret}`)}`,
    ],
    ['header', { type: 'header', header: 'X-Api-Key', value: 'k=${api_key}' }, 'x-api-key', `k=${secret}`],
  ])('with %s credentials', async (_name, auth, header, value) => {
    const { url, seen } = await service()
    await callMethod(engine().deps, callOf({ base: url, auth }, { method: 'GET', path: '/' }))
    expect(seen[0]?.headers[header]).toBe(value)
  })

  it('signed over exactly the method, the path and the bytes that are sent', async () => {
    const { url, seen } = await service()
    const auth = {
      type: 'hmac',
      secret: '${api_key}',
      header: 'X-Signature',
      encoding: 'base64',
      payload: '${method}|${path}|${timestamp}|${body}',
      value: 't=${timestamp},v1=${signature}',
      timestamp_header: 'X-Time',
    }
    const call = callOf(
      { base: url, auth },
      { method: 'POST', path: '/x', query: { q: 'q' }, map: { a: 'q' } },
      { input: { q: 'ü &' } },
    )
    await callMethod(engine().deps, call)
    const [one] = seen
    const time = String(Date.UTC(2026, 10, 20, 12) / 1000)
    const signature = createHmac('sha256', secret)
      .update(`POST|${one?.url}|${time}|${one?.body}`)
      .digest('base64')
    expect(one?.headers['x-signature']).toBe(`t=${time},v1=${signature}`)
    expect(one?.headers['x-time']).toBe(time)
  })
})

describe('values from outside stay in their place', () => {
  const nasty = [
    '../admin',
    'a/../../b',
    '?x=1',
    '#frag',
    '%2e%2e%2f',
    'a b',
    'é🎈',
    'a\r\nX: 1',
    '\\..\\',
    '"},{"x":"',
  ]

  it.each(nasty)('in the path: %j', async (value) => {
    const { url, seen } = await service()
    await callMethod(
      engine().deps,
      callOf({ base: `${url}/v1` }, { method: 'GET', path: '/things/{id}/end' }, { input: { id: value } }),
    )
    expect(seen[0]?.url).toBe(`/v1/things/${encodeURIComponent(value)}/end`)
  })

  it.each(['.', '..', ''])('a part of the path that is %j is refused, not sent', async (value) => {
    const { url, seen } = await service()
    const call = callOf({ base: url }, { method: 'GET', path: '/things/{id}' }, { input: { id: value } })
    expect(await callMethod(engine().deps, call)).toMatchObject({ ok: false, code: 'validation_error' })
    expect(seen).toEqual([])
  })

  it.each(nasty)('in the query and the JSON: %j', async (value) => {
    const { url, seen } = await service()
    const call = callOf(
      { base: url },
      { method: 'POST', path: '/q', query: { v: 'v' }, map: { v: 'v' } },
      { input: { v: value } },
    )
    await callMethod(engine().deps, call)
    expect([...new URL(seen[0]?.url ?? '', url).searchParams]).toEqual([['v', value]])
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({ v: value })
  })

  it.each(['a\r\nX-Admin: 1', 'a\nb', 'a\0b', 'é'])('a header cannot be %j', async (value) => {
    const { url, seen } = await service()
    const call = callOf(
      { base: url },
      { method: 'GET', path: '/', headers: { 'X-Note': '${input.note}' } },
      { input: { note: value } },
    )
    expect(await callMethod(engine().deps, call)).toMatchObject({
      ok: false,
      code: 'validation_error',
      details: { field: 'X-Note' },
    })
    expect(seen).toEqual([])
  })

  it.each(['evil.example/x?', 'evil.example#', 'u@evil.example', 'evil.example:80/', 'a\\b'])(
    'a part of the host cannot be %j',
    async (value) => {
      const call = callOf(
        { base: 'https://${account}.acme.example' },
        { method: 'GET', path: '/' },
        { config: { account: value } },
      )
      expect(await callMethod(engine().deps, call)).toMatchObject({
        ok: false,
        code: 'service_unavailable',
        details: { provider: 'acme', reason: 'configuration' },
      })
    },
  )

  it('a value that looks like a template, a path or a literal is a value', async () => {
    const { url, seen } = await service()
    const input = { a: '${api_key}', b: '=x', c: '$headers.x', d: '{a}' }
    const map = { a: 'a', b: 'b', c: 'c', d: 'd' }
    await callMethod(engine().deps, callOf({ base: url }, { method: 'POST', path: '/{d}', map }, { input }))
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual(input)
    expect(seen[0]?.url).toBe('/%7Ba%7D')
  })

  it('what JavaScript itself knows of objects is not in the input', async () => {
    const { url, seen } = await service()
    const map = { a: 'constructor.name', b: '__proto__', c: 'list.length', d: '=there' }
    await callMethod(
      engine().deps,
      callOf({ base: url }, { method: 'POST', path: '/', map }, { input: { list: [1] } }),
    )
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({ d: 'there' })
  })
})

describe('a service that misbehaves', () => {
  it('by being slow is given up after its time, and the caller is told who it was', async () => {
    const { url, answer } = await service()
    answer(() => {})
    const call = callOf({ base: url, timeout_ms: 60, retries: { attempts: 1 } }, { method: 'GET', path: '/' })
    expect(await callMethod(engine().deps, call)).toMatchObject({
      ok: false,
      code: 'service_unavailable',
      details: { provider: 'acme', reason: 'timeout' },
    })
  })

  it('by dripping bytes is given up after its time too', async () => {
    const { url, answer } = await service()
    answer((_request, response) => {
      const drip = setInterval(() => response.write(' '), 10)
      response.on('close', () => clearInterval(drip))
    })
    const call = callOf(
      { base: url, timeout_ms: 100, retries: { attempts: 1 } },
      { method: 'GET', path: '/' },
    )
    expect(await callMethod(engine().deps, call)).toMatchObject({ details: { reason: 'timeout' } })
  })

  it('by answering without end is cut off at its bound', async () => {
    const { url, answer } = await service()
    let isClosed = false
    answer((_request, response) => {
      const more = (): void => {
        while (!isClosed && response.write(Buffer.alloc(65_536)));
      }
      response.on('drain', more)
      response.on('close', () => {
        isClosed = true
      })
      more()
    })
    const call = callOf({ base: url, most_response_bytes: 200_000 }, { method: 'GET', path: '/' })
    expect(await callMethod(engine().deps, call)).toMatchObject({
      code: 'service_unavailable',
      details: { reason: 'too_large' },
    })
  })

  it.each([
    ['no JSON', '<html>'],
    ['half of it', '{"data":'],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
  ])('by answering %s is not believed', async (_name, body) => {
    const { url, answer } = await service()
    answer((_request, response) => void response.end(body))
    const call = callOf({ base: url }, { method: 'GET', path: '/', response: { set: { id: 'id' } } })
    expect(await callMethod(engine().deps, call)).toMatchObject({
      code: 'service_unavailable',
      details: { provider: 'acme', reason: 'malformed' },
    })
  })

  it('by redirecting to another host gets neither the request nor the credentials there', async () => {
    const elsewhere = await service()
    const { url, answer } = await service()
    answer((_request, response) => void response.writeHead(307, { location: `${elsewhere.url}/steal` }).end())
    const call = callOf(
      { base: url, auth: { type: 'bearer', bearer: '${api_key}' } },
      { method: 'GET', path: '/' },
    )
    expect(await callMethod(engine().deps, call)).toMatchObject({
      code: 'service_unavailable',
      details: { reason: 'redirect' },
    })
    expect(elsewhere.seen).toEqual([])
  })

  it('by moving a resource on its own host is followed for GET, a few times', async () => {
    const { url, answer, seen } = await service()
    answer((_request, response, { url: path }) => {
      if (path === '/end') response.end('{"id":1}')
      else if (path === '/loop') response.writeHead(302, { location: '/loop' }).end()
      else response.writeHead(301, { location: '/end' }).end()
    })
    const get = (path: string) =>
      callOf({ base: url }, { method: 'GET', path, response: { set: { id: 'id' } } })
    expect(await callMethod(engine().deps, get('/start'))).toEqual({ ok: true, value: { id: 1 } })
    expect(await callMethod(engine().deps, get('/loop'))).toMatchObject({
      ok: false,
      details: { reason: 'redirect' },
    })
    expect(seen.length).toBe(6)
  })

  it('by resetting the connection is asked again where that is safe', async () => {
    let connections = 0
    const server = createServer((socket) => {
      connections += 1
      socket.once('data', () =>
        connections < 3
          ? socket.resetAndDestroy()
          : socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}'),
      )
      socket.on('error', () => {})
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const { deps, waits } = engine()
    expect(await callMethod(deps, callOf({ base }, { method: 'GET', path: '/' }))).toEqual({
      ok: true,
      value: {},
    })
    expect(waits).toEqual([250, 500])
    connections = 0
    const post = callOf({ base }, { method: 'POST', path: '/', map: {} })
    expect(await callMethod(deps, post)).toMatchObject({
      code: 'service_unavailable',
      details: { reason: 'connection', was_sent: true },
    })
    expect(connections).toBe(1)
  })
})

describe('asking again', () => {
  const busy = (retryAfter?: string) => async () => {
    const upstream = await service()
    upstream.answer((_request, response) => {
      response.writeHead(
        upstream.seen.length < 3 ? 429 : 200,
        retryAfter === undefined ? {} : { 'retry-after': retryAfter },
      )
      response.end('{}')
    })
    return upstream
  }

  it('keeps to Retry-After in seconds and as a date', async () => {
    for (const text of ['3', 'Fri, 20 Nov 2026 12:00:03 GMT']) {
      const { url } = await busy(text)()
      const { deps, waits } = engine()
      expect((await callMethod(deps, callOf({ base: url }, { method: 'GET', path: '/' }))).ok).toBe(true)
      expect(waits).toEqual([3_000, 3_000])
    }
  })

  it('gives up when it is asked for more patience than there is, and tells the caller for how long', async () => {
    const { url, seen } = await busy('120')()
    const { deps, waits } = engine()
    expect(await callMethod(deps, callOf({ base: url }, { method: 'GET', path: '/' }))).toMatchObject({
      code: 'service_unavailable',
      details: { retry_after: 120, status: 429 },
    })
    expect([seen.length, waits]).toEqual([1, []])
  })

  it('sends a POST once, unless it carries a key, and then the same key each time', async () => {
    const once = await busy()()
    expect(
      (await callMethod(engine().deps, callOf({ base: once.url }, { method: 'POST', path: '/', map: {} })))
        .ok,
    ).toBe(false)
    expect(once.seen.length).toBe(1)
    const keyed = await busy()()
    const method = { method: 'POST', path: '/', map: {}, idempotency_header: 'Idempotency-Key' }
    expect((await callMethod(engine().deps, callOf({ base: keyed.url }, method))).ok).toBe(true)
    expect(keyed.seen.map(({ headers }) => headers['idempotency-key'])).toEqual(['key-1', 'key-1', 'key-1'])
    await callMethod(
      engine().deps,
      callOf({ base: keyed.url }, method, { input: { idempotency_key: 'mine' } }),
    )
    expect(keyed.seen.at(-1)?.headers['idempotency-key']).toBe('mine')
  })

  it('ends after its attempts', async () => {
    const { url, answer, seen } = await service()
    answer((_request, response) => void response.writeHead(503).end())
    const { deps, waits } = engine()
    const call = callOf(
      { base: url, retries: { attempts: 4, backoff_ms: 100 } },
      { method: 'GET', path: '/' },
    )
    expect(await callMethod(deps, call)).toMatchObject({
      code: 'service_unavailable',
      details: { status: 503 },
    })
    expect([seen.length, waits]).toEqual([4, [100, 200, 400]])
  })
})

describe('refusals of a service', () => {
  it.each([
    [400, 'validation_error'],
    [401, 'service_unavailable'],
    [402, 'payment_required'],
    [403, 'service_unavailable'],
    [404, 'not_found'],
    [409, 'conflict'],
    [418, 'illegal_transition'],
    [422, 'validation_error'],
    [500, 'service_unavailable'],
  ])('%i is %s, with its name and without secrets', async (status, code) => {
    const { url, answer } = await service()
    answer(
      (_request, response) =>
        void response.writeHead(status).end(JSON.stringify({ error: { message: `bad key ${secret}\r\n` } })),
    )
    const { deps, lines } = engine()
    const method = {
      method: 'POST',
      path: '/',
      map: {},
      errors: { 418: 'illegal_transition' },
      response: { error: 'error.message' },
    }
    const api = { base: url, auth: { type: 'bearer', bearer: '${api_key}' } }
    const outcome = await callMethod(deps, callOf(api, method))
    expect(outcome).toMatchObject({ ok: false, code, details: { provider: 'acme', status } })
    expect(JSON.stringify(outcome)).toContain('bad key [redacted]')
    expect(JSON.stringify(outcome) + lines.join()).not.toContain(secret)
  })
})

describe('lists in pages', () => {
  const all = Array.from({ length: 5 }, (_item, index) => ({ id: `i${index}`, extra: index }))
  const paged = async (kind: 'page' | 'cursor' | 'link') => {
    const upstream = await service()
    upstream.answer((_request, response, { url }) => {
      const query = new URL(url, upstream.url).searchParams
      const start = kind === 'page' ? (Number(query.get('page')) - 1) * 2 : Number(query.get('from') ?? 0)
      const next = start + 2 < all.length ? start + 2 : undefined
      if (kind === 'link' && next !== undefined)
        response.setHeader('link', `</l?from=0>; rel="first", </l?from=${next}>; rel="next"`)
      response.end(
        JSON.stringify({
          data: all.slice(start, start + 2),
          meta: { next: kind === 'cursor' ? (next ?? null) : null },
        }),
      )
    })
    return upstream
  }
  const response = { items: 'data', map: { id: 'id' }, into: 'rows', set: { first: 'data[0].id' } }
  const ways = {
    page: { type: 'page', parameter: 'page', size: 2, size_parameter: 'per_page' },
    cursor: { type: 'cursor', parameter: 'from', next: 'meta.next' },
    link: { type: 'link' },
  } as const

  it.each(['page', 'cursor', 'link'] as const)('are read to the end by %s', async (kind) => {
    const { url, seen } = await paged(kind)
    const call = callOf({ base: url }, { method: 'GET', path: '/l', pagination: ways[kind], response })
    expect(await callMethod(engine().deps, call)).toEqual({
      ok: true,
      value: { first: 'i0', rows: all.map(({ id }) => ({ id })) },
    })
    expect(seen.length).toBe(3)
  })

  it('are never cut silently', async () => {
    const { url } = await paged('link')
    const call = callOf(
      { base: url },
      { method: 'GET', path: '/l', pagination: { type: 'link', most_pages: 2 }, response },
    )
    expect(await callMethod(engine().deps, call)).toMatchObject({
      code: 'service_unavailable',
      details: { reason: 'too_many_pages' },
    })
  })

  it('do not lead to another host', async () => {
    const elsewhere = await service()
    const { url, answer } = await service()
    answer((_request, res) => {
      res.setHeader('link', `<${elsewhere.url}/l>; rel="next"`)
      res.end('{"data":[]}')
    })
    const call = callOf({ base: url }, { method: 'GET', path: '/l', pagination: { type: 'link' }, response })
    expect(await callMethod(engine().deps, call)).toMatchObject({ code: 'service_unavailable' })
    expect(elsewhere.seen).toEqual([])
  })
})

describe('private addresses', () => {
  it.each([
    '127.0.0.1',
    'localhost',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '10.0.0.1',
    '169.254.169.254',
    '0.0.0.0',
    '2130706433',
    '0x7f.1',
    'a.localhost',
    'metadata.internal',
  ])('%s is not reached unless the operator allows it', async (host) => {
    const call = callOf({ base: `http://${host}:9` }, { method: 'GET', path: '/' }, { allowsPrivate: false })
    expect(await callMethod(engine().deps, call)).toMatchObject({
      code: 'service_unavailable',
      details: { provider: 'acme', reason: 'refused_address' },
    })
  })

  it('are not reached by a public name that leads to them', async () => {
    const { url, seen } = await service()
    const http = createOutboundHttp({
      lookup: ((_name: string, _options: object, callback: (error: null, found: object[]) => void) =>
        callback(null, [{ address: '127.0.0.1', family: 4 }])) as never,
    })
    const base = `http://public.example:${new URL(url).port}`
    const call = callOf({ base }, { method: 'GET', path: '/' }, { allowsPrivate: false })
    expect(await callMethod({ ...engine().deps, http }, call)).toMatchObject({
      details: { reason: 'refused_address' },
    })
    expect(seen).toEqual([])
  })
})
