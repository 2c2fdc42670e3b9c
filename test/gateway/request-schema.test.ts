import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Customer, makeCustomer, makeRoute } from '#test/support/customer.ts'
import { frozenClock } from '#test/support/frozen-clock.ts'
import { connectClient } from '#test/support/gateway-server.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'
import { startUpstream, type Upstream } from '#test/support/upstream.ts'

const order = {
  type: 'object',
  required: ['item'],
  additionalProperties: false,
  properties: {
    item: { type: 'string', pattern: '^[a-z]+$' },
    lines: {
      type: 'array',
      items: { type: 'object', properties: { count: { type: 'integer', minimum: 1 } } },
    },
  },
}

let house: TestHouse
let upstream: Upstream
let customer: Customer
let routeId: string

beforeAll(async () => {
  upstream = await startUpstream()
  house = await startHouse({ clock: frozenClock() })
  const made = await makeRoute(house, upstream.url, {
    path_pattern: '/orders',
    request_schema: { POST: { required: true, schema: order }, PATCH: { schema: order } },
  })
  routeId = made.routeId
})
afterAll(async () => {
  await house.close()
  await upstream.close()
})
beforeEach(async () => {
  customer = await makeCustomer(house)
  upstream.seen.length = 0
})

type Body = string | Uint8Array<ArrayBuffer>
async function send(body: Body | undefined, headers: Record<string, string> = {}, method = 'POST') {
  const response = await fetch(`${house.url}/orders`, {
    method,
    headers: { 'x-api-key': customer.key, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body }),
  })
  const answer = (await response.json()) as {
    error?: { type: string; message: string; details: { errors: { field: string; reason: string }[] } }
  }
  return { status: response.status, error: answer.error, headers: response.headers }
}
const bytes = (buffer: Buffer): Uint8Array<ArrayBuffer> => new Uint8Array(buffer)
const fitting = '{ "item": "tea", "lines": [{"count": 2}] }'

describe('a body that fits', () => {
  it.each([
    ['as it is', fitting, {}],
    [
      'as a JSON type of its own',
      fitting,
      { 'content-type': 'application/vnd.shop+json; v=1; charset="UTF-8"' },
    ],
    ['in gzip', bytes(gzipSync(fitting)), { 'content-encoding': 'gzip' }],
    ['in brotli', bytes(brotliCompressSync(fitting)), { 'content-encoding': 'br' }],
  ])('goes on byte for byte, %s', async (_how, body, headers: Record<string, string>) => {
    let received = Buffer.alloc(0)
    upstream.answer((_request, response, seen) => {
      received = Buffer.from(seen.body)
      response.setHeader('content-type', 'application/json')
      response.end('{}')
    })
    expect((await send(body, headers)).status).toBe(200)
    if (typeof body === 'string') expect(received.toString()).toBe(body)
    expect(upstream.seen[0]?.headers['content-encoding']).toBe(headers['content-encoding'])
    expect(upstream.seen[0]?.headers['content-length']).toBe(String(Buffer.byteLength(body)))
  })

  it('goes on in pieces too, after the client was told to continue', async () => {
    const client = await connectClient(Number(new URL(house.url).port))
    client.socket.write(
      `POST /orders HTTP/1.1\r\nHost: x\r\nX-API-Key: ${customer.key}\r\nContent-Type: application/json\r\n` +
        'Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n',
    )
    await client.until(/^HTTP\/1\.1 100 /)
    client.socket.write('9\r\n{"item":"\r\n')
    client.socket.write('5\r\ntea"}\r\n0\r\n\r\n')
    await client.until(/HTTP\/1\.1 200 /)
    expect(upstream.seen[0]?.body).toBe('{"item":"tea"}')
  })

  it('may be absent where it is not required, and other methods are not looked at', async () => {
    expect((await send(undefined, {}, 'PATCH')).status).toBe(200)
    expect((await send('not json', { 'content-type': 'text/plain' }, 'PUT')).status).toBe(200)
    expect((await send('not json', { 'content-type': 'text/plain' }, 'PATCH')).status).toBe(400)
  })
})

describe('a body that does not fit', () => {
  it('is refused with every place that is wrong', async () => {
    const { status, error } = await send('{"lines":[{"count":1},{"count":0}],"note":"x","item":"TEA"}')
    expect(status).toBe(400)
    expect(error?.type).toBe('validation_error')
    const fields = error?.details.errors.map(({ field }) => field).sort()
    expect(fields).toEqual(['#/item', '#/lines/1/count', '#/note'])
    expect(upstream.seen).toEqual([])
  })

  it.each([
    ['none', undefined, {}],
    ['an empty one', '', {}],
    ['not JSON', '{"item":', {}],
    ['two values', '{"item":"tea"} {}', {}],
    ['a byte order mark', '\ufeff{"item":"tea"}', {}],
    ['not UTF-8', new Uint8Array([0x22, 0xff, 0x22]), {}],
    ['a member twice', '{"item":"tea","item":"TEA"}', {}],
    ['another type', fitting, { 'content-type': 'text/plain' }],
    ['another charset', fitting, { 'content-type': 'application/json; charset=utf-16' }],
    ['two charsets', fitting, { 'content-type': 'application/json; charset=utf-8; charset=utf-7' }],
    ['a coding that is not known', fitting, { 'content-encoding': 'lzma' }],
    ['a coding that is not its own', fitting, { 'content-encoding': 'gzip' }],
    [
      'a cut-off coding',
      bytes(gzipSync('{"item":"tea","lines":[]}').subarray(0, 20)),
      { 'content-encoding': 'gzip' },
    ],
    [
      'a thousand times larger in plain',
      bytes(gzipSync(' '.repeat(2_000_000) + fitting)),
      { 'content-encoding': 'gzip' },
    ],
    ['nested without end', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, {}],
  ])('is refused: %s', async (_what, body: Body | undefined, headers: Record<string, string>) => {
    const { status, error } = await send(body, headers)
    expect(status).toBe(400)
    expect(error?.type).toBe('validation_error')
    expect(error?.details.errors.length).toBeGreaterThan(0)
    expect(upstream.seen).toEqual([])
  })

  it('is refused when two types are given, of which only one is JSON', async () => {
    const client = await connectClient(Number(new URL(house.url).port))
    client.socket.write(
      `POST /orders HTTP/1.1\r\nHost: x\r\nX-API-Key: ${customer.key}\r\nContent-Type: application/json\r\n` +
        `Content-Type: text/xml\r\nContent-Length: ${fitting.length}\r\n\r\n${fitting}`,
    )
    expect(await client.until(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 400 /)
  })

  it('is refused with 413 beyond 1 MiB, announced or not', async () => {
    const large = `{"item":"${'a'.repeat(1024 * 1024)}"}`
    expect((await send(large)).status).toBe(413)
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(large))
        controller.close()
      },
    })
    const response = await fetch(`${house.url}/orders`, {
      method: 'POST',
      headers: { 'x-api-key': customer.key, 'content-type': 'application/json' },
      body: stream,
      duplex: 'half',
    } as RequestInit)
    expect(response.status).toBe(413)
    expect(upstream.seen).toEqual([])
  })

  it('is not billed and leaves the quota, but counts for the rate', async () => {
    customer = await makeCustomer(house, {
      rate_limit_per_minute: 3,
      requests_per_month: 2,
      quota_grace_pct: 0,
    })
    const refused = await send('{}')
    expect(refused.headers.get('x-quota-used')).toBe('0')
    expect(refused.headers.get('x-ratelimit-remaining')).toBe('2')
    expect((await send('{}')).status).toBe(400)
    expect((await send(fitting)).headers.get('x-quota-used')).toBe('1')
    expect((await send(fitting)).status).toBe(429)
    const events = (await house.usageEvents()).filter(
      (one) => one['organization_id'] === customer.organizationId,
    )
    expect(events.map(({ status, units }) => [status, units]).sort()).toEqual([
      [200, 1],
      [400, 0],
      [400, 0],
    ])
  })

  it('that the client never finishes gives the quota back', async () => {
    const client = await connectClient(Number(new URL(house.url).port))
    client.socket.write(
      `POST /orders HTTP/1.1\r\nHost: x\r\nX-API-Key: ${customer.key}\r\nContent-Type: application/json\r\n` +
        'Content-Length: 100\r\nExpect: 100-continue\r\n\r\n',
    )
    await client.until(/^HTTP\/1\.1 100 /)
    client.socket.destroy()
    const left = async () =>
      (await house.usageEvents())
        .filter((one) => one['api_key_id'] === customer.keyId)
        .map(({ status, units }) => [status, units])
    await expect.poll(left).toEqual([[499, 0]])
    expect((await send(fitting)).headers.get('x-quota-used')).toBe('1')
  })
})

describe('request_schema', () => {
  const write = (schema: unknown) => house.api('PATCH', `/api/routes/${routeId}`, { request_schema: schema })

  it.each([
    [[], 'request_schema'],
    [{ post: { schema: {} } }, 'request_schema.post'],
    [{ POST: {} }, 'request_schema.POST'],
    [{ POST: { schema: {}, body: 1 } }, 'request_schema.POST.body'],
    [{ POST: { schema: {}, required: 1 } }, 'request_schema.POST.required'],
    [{ POST: { schema: { type: 'text' } } }, 'request_schema.POST.schema'],
    [{ POST: { schema: { $ref: 'https://example.com/a.json' } } }, 'request_schema.POST.schema'],
    [{ POST: { schema: { pattern: '(a+)+\\1' } } }, 'request_schema.POST.schema'],
    [{ POST: { schema: { description: 'x'.repeat(300_000) } } }, 'request_schema.POST.schema'],
  ])('is refused as %.60j', async (schema, field) => {
    const answer = await write(schema)
    expect(answer.status).toBe(400)
    expect(answer.body.error.details.field).toBe(field)
  })

  it('follows patterns in time proportional to the body', async () => {
    const { routeId: slow } = await makeRoute(house, upstream.url, {
      path_pattern: '/slow',
      request_schema: { POST: { schema: { type: 'string', pattern: '^(a+)+$' } } },
    })
    expect(slow).toBeDefined()
    const response = await fetch(`${house.url}/slow`, {
      method: 'POST',
      headers: { 'x-api-key': customer.key, 'content-type': 'application/json' },
      body: JSON.stringify(`${'a'.repeat(5_000)}b`),
    })
    expect(response.status).toBe(400)
  })

  it('tells beforehand whether a body would pass', async () => {
    const test = async (body: string) => {
      const headers = [['Content-Type', 'application/json']]
      const request = { method: 'POST', url: '/orders', key: customer.key, headers, body }
      return (await house.api('POST', '/api/routes/test', request)).body.data
    }
    expect(await test(fitting)).toMatchObject({ fits_schema: true, refusal: null })
    expect(await test('{}')).toMatchObject({
      fits_schema: false,
      refusal: { type: 'validation_error', message: '#/item is required' },
    })
    const get = await house.api('POST', '/api/routes/test', {
      method: 'GET',
      url: '/orders',
      key: customer.key,
    })
    expect(get.body.data.fits_schema).toBeNull()
  })

  it('holds from the next request on when it changes', async () => {
    expect((await send('{"other":1}')).status).toBe(400)
    await write({ POST: { schema: { required: ['other'] } } })
    expect((await send('{"other":1}')).status).toBe(200)
    await write(null)
    expect((await send('x', { 'content-type': 'text/plain' })).status).toBe(200)
    await write({ POST: { required: true, schema: order }, PATCH: { schema: order } })
  })
})
