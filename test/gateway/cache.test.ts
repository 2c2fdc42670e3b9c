import type { IncomingMessage, ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Customer, makeCustomer, makeRoute } from '#test/support/customer.ts'
import { frozenClock } from '#test/support/frozen-clock.ts'
import { connectClient } from '#test/support/gateway-server.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'
import { type Seen, startUpstream, type Upstream } from '#test/support/upstream.ts'

const clock = frozenClock()
let house: TestHouse
let upstream: Upstream
let customer: Customer
let other: Customer
let routeId: string
let upstreamId: string

beforeAll(async () => {
  upstream = await startUpstream()
  house = await startHouse({ clock })
  ;({ routeId, upstreamId } = await makeRoute(house, upstream.url, { path_pattern: '/own/*', cache: {} }))
  const more = (path: string, fields: object) =>
    makeRoute(house, upstream.url, { path_pattern: path, ...fields })
  await more('/ttl/*', { cache: { ttl_seconds: 60, max_body_bytes: 1000 } })
  await more('/all/*', { cache: { vary_by_key: false } })
  await more('/off/*', {})
  await more('/open/*', {
    cache: {},
    auth_required: false,
    cors: { origins: ['https://a.example', 'https://b.example'] },
  })
  await more('/told/*', {
    cache: {},
    metering_mode: 'response_field',
    metering_expr: 'usage.total',
    metering_max: 100,
    response_transform: {
      set_headers: { 'X-Asked': '=request.path' },
      body_expr: '{"total": body.usage.total}',
    },
  })
})
afterAll(async () => {
  await house.close()
  await upstream.close()
})
beforeEach(async () => {
  customer = await makeCustomer(house)
  other = await makeCustomer(house)
  upstream.seen.length = 0
})

/** Some 600 KB that are nowhere alike. */
const manyNumbers = (seed: number): string =>
  Array.from({ length: 60_000 }, (_, index) => `${seed}-${index * 7919}`).join()

let answers = 0
/** The upstream answers with these fields, and a body that is never the same. */
function answering(
  headers: Record<string, string | string[]>,
  then?: (response: ServerResponse, seen: Seen) => void,
) {
  upstream.answer((_request: IncomingMessage, response, seen) => {
    response.sendDate = false
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    if (then === undefined) response.end(`answer ${++answers}`)
    else then(response, seen)
  })
}
interface Asked {
  readonly headers?: Record<string, string>
  readonly method?: string
  readonly key?: string
}
async function ask(path: string, { headers = {}, method = 'GET', key = customer.key }: Asked = {}) {
  const response = await fetch(`${house.url}${path}`, { method, headers: { 'x-api-key': key, ...headers } })
  const text = await response.text()
  const { status } = response
  return { status, text, cache: response.headers.get('x-cache'), headers: response.headers }
}
let paths = 0
/** A path that nobody has asked for yet. */
const fresh = (route = 'own'): string => `/${route}/${++paths}`
const hour = { 'cache-control': 'max-age=3600' }

describe('a kept answer', () => {
  it('is given until its time is over, with its age, and is an answer like any other', async () => {
    answering({ ...hour, 'content-type': 'text/plain', 'x-cache': 'theirs' })
    const path = fresh()
    const first = await ask(path)
    expect(first).toMatchObject({ status: 200, cache: 'miss' })
    clock.advance(59_000 * 60)
    const second = await ask(path)
    expect(second).toMatchObject({ status: 200, text: first.text, cache: 'hit' })
    expect(second.headers.get('age')).toBe('3540')
    expect(second.headers.get('content-type')).toBe('text/plain')
    expect(second.headers.get('x-quota-used')).toBe('2')
    expect(second.headers.get('x-request-id')).not.toBe(first.headers.get('x-request-id'))
    clock.advance(60_000)
    expect((await ask(path)).cache).toBe('miss')
    expect(upstream.seen).toHaveLength(2)
    const events = (await house.usageEvents()).filter(
      (one) => one['organization_id'] === customer.organizationId,
    )
    expect(events.map(({ units, response_bytes: bytes }) => [units, bytes])).toEqual(
      events.map(() => [1, first.text.length]),
    )
    expect(events).toHaveLength(3)
  })

  it('that is large is kept byte for byte, while the memory of others is used again', async () => {
    const bodies = Array.from({ length: 8 }, (_, index) => manyNumbers(index))
    answering(hour, (response, { url }) => response.end(bodies[Number(url.split('/').at(-1)) % 8]))
    const wanted = (path: string) => bodies[Number(path.split('/').at(-1)) % 8]
    const paths = bodies.flatMap(() => [fresh(), fresh('off')])
    for (const cache of ['miss', 'hit']) {
      const answers = await Promise.all(paths.map((path) => ask(path)))
      expect(answers.map(({ text }, index) => text === wanted(paths[index] ?? ''))).toEqual(
        answers.map(() => true),
      )
      expect(answers.filter((answer) => answer.cache === cache)).toHaveLength(bodies.length)
    }
  })

  it('is never given to another customer, unless the route says that it may be', async () => {
    answering(hour)
    for (const [route, cache] of [
      ['own', 'miss'],
      ['all', 'hit'],
    ] as const) {
      const path = fresh(route)
      const mine = await ask(path)
      const theirs = await ask(path, { key: other.key })
      expect(theirs.cache).toBe(cache)
      expect(theirs.text === mine.text).toBe(cache === 'hit')
    }
  })

  it('is measured and changed anew by what the route says', async () => {
    answering({ ...hour, 'content-type': 'application/json', 'content-encoding': 'gzip' }, (response) =>
      response.end(gzipSync(`{"usage":{"total":7},"secret":${++answers}}`)),
    )
    const path = fresh('told')
    const [first, second] = [await ask(path), await ask(path)]
    expect([first.cache, second.cache]).toEqual(['miss', 'hit'])
    expect([first.text, second.text]).toEqual(['{"total":7}', '{"total":7}'])
    expect(second.headers.get('x-asked')).toBe(path)
    const events = (await house.usageEvents()).filter(
      (one) => one['organization_id'] === customer.organizationId,
    )
    expect(events.map(({ units }) => units)).toEqual([7, 7])
  })

  it('holds for ttl_seconds where the upstream does not say, and larger ones are not kept', async () => {
    answering({})
    const path = fresh('ttl')
    expect([(await ask(path)).cache, (await ask(path)).cache]).toEqual(['miss', 'hit'])
    clock.advance(60_000)
    expect((await ask(path)).cache).toBe('miss')
    answering(hour, (response) => response.end('x'.repeat(1001)))
    const large = fresh('ttl')
    expect([(await ask(large)).cache, (await ask(large)).cache]).toEqual(['miss', 'miss'])
    answering(hour, (response) => {
      response.write('x'.repeat(600))
      response.end('x'.repeat(600))
    })
    expect([(await ask(fresh('ttl'))).text.length, (await ask(large)).cache]).toEqual([1200, 'miss'])
  })

  it('is not kept without a word on a route without cache', async () => {
    answering({ ...hour, 'x-cache': 'theirs' })
    const path = fresh('off')
    expect([(await ask(path)).cache, (await ask(path)).cache]).toEqual(['theirs', 'theirs'])
    expect(upstream.seen).toHaveLength(2)
  })

  it.each([
    ['private', { 'cache-control': 'private, max-age=60' }],
    ['no-store', { 'cache-control': 'no-store' }],
    ['a cookie', { ...hour, 'set-cookie': 'session=1' }],
    ['Vary: *', { ...hour, vary: '*' }],
  ])('is not kept with %s', async (_what, headers) => {
    answering(headers)
    const path = fresh()
    expect([(await ask(path)).cache, (await ask(path)).cache]).toEqual(['miss', 'miss'])
  })

  it('is kept for each of the values that it varies by', async () => {
    answering({ ...hour, vary: 'Accept-Language' })
    const path = fresh()
    const language = (value: string) => ask(path, { headers: { 'accept-language': value } })
    const german = await language('de')
    expect((await language('fr')).cache).toBe('miss')
    expect(await language('de')).toMatchObject({ cache: 'hit', text: german.text })
    expect((await language('fr')).cache).toBe('hit')
  })

  it('of an upstream that broke off in the middle is not given to the next one', async () => {
    answering({ ...hour, 'content-length': '100' }, (response) => {
      response.write('half of it')
      setImmediate(() => response.destroy())
    })
    const path = fresh()
    await expect(ask(path)).rejects.toThrow()
    answering(hour)
    expect((await ask(path)).cache).toBe('miss')
  })

  it('of which a client took only a part is not kept', async () => {
    let finish = (): void => {}
    answering(hour, (response) => {
      response.write('first')
      finish = () => response.end('last')
    })
    const path = fresh()
    const client = await connectClient(Number(new URL(house.url).port))
    client.socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nX-API-Key: ${customer.key}\r\n\r\n`)
    await client.until(/first/)
    client.socket.destroy()
    await expect
      .poll(async () => (await house.usageEvents()).filter((one) => one['path'] === path).length)
      .toBe(1)
    finish()
    answering(hour)
    expect((await ask(path)).cache).toBe('miss')
  })
})

describe('a request', () => {
  it('that wants it new gets it new, and what may not be kept is not kept for it', async () => {
    answering(hour)
    const path = fresh()
    const first = await ask(path)
    for (const headers of [
      { 'cache-control': 'no-cache' },
      { 'cache-control': 'max-age=0' },
      { pragma: 'no-cache' },
    ])
      expect((await ask(path, { headers })).text).not.toBe(first.text)
    expect((await ask(path, { headers: { 'cache-control': 'no-store' } })).cache).toBeNull()
    expect((await ask(path)).cache).toBe('hit')
    const unknown = await ask(fresh(), { headers: { 'cache-control': 'only-if-cached' } })
    expect(unknown.status).toBe(504)
  })

  it('for a part, or with credentials of its own, goes past what is kept', async () => {
    answering(hour)
    const path = fresh()
    const first = await ask(path)
    expect((await ask(path, { headers: { range: 'bytes=0-1' } })).text).not.toBe(first.text)
    for (const headers of [{ cookie: 'user=1' }, { authorization: 'Basic dXNlcjpwYXNz' }] as Record<
      string,
      string
    >[])
      expect((await ask(path, { headers })).text).not.toBe(first.text)
    expect(await ask(path)).toMatchObject({ cache: 'hit', text: first.text })
    answering({ 'cache-control': 'public, max-age=60' })
    const open = fresh()
    expect((await ask(open, { headers: { cookie: 'user=1' } })).cache).toBe('miss')
    expect((await ask(open, { headers: { cookie: 'user=2' } })).cache).toBe('hit')
  })

  it('from who has it already is answered with 304, and HEAD with the head', async () => {
    answering({ ...hour, etag: '"v1"', 'content-type': 'text/plain' })
    const path = fresh()
    const first = await ask(path)
    const had = await ask(path, {
      // Said, because fetch says no-cache of itself beside a condition.
      headers: { 'if-none-match': 'W/"v1"', 'cache-control': 'max-age=3600' },
    })
    expect(had).toMatchObject({ status: 304, text: '', cache: 'hit' })
    expect(had.headers.get('etag')).toBe('"v1"')
    expect(had.headers.get('content-type')).toBeNull()
    const head = await ask(path, { method: 'HEAD' })
    expect(head).toMatchObject({ status: 200, text: '', cache: 'hit' })
    expect(head.headers.get('content-length')).toBe(String(first.text.length))
    expect(upstream.seen).toHaveLength(1)
  })

  it('for the head alone does not leave an empty answer behind', async () => {
    answering(hour)
    const path = fresh()
    expect((await ask(path, { method: 'HEAD' })).cache).toBe('miss')
    expect(await ask(path)).toMatchObject({ cache: 'miss', text: expect.stringContaining('answer') })
  })

  it('that comes late asks the upstream whether the answer still holds, and gets it whole', async () => {
    answering({ 'cache-control': 'max-age=10', etag: '"v1"', 'x-version': '1' })
    const path = fresh()
    const first = await ask(path)
    clock.advance(10_000)
    answering({ 'cache-control': 'max-age=20', etag: '"v1"', 'x-version': '2' }, (response, seen) => {
      response.statusCode = seen.headers['if-none-match'] === '"v1"' ? 304 : 200
      response.end()
    })
    const again = await ask(path, { headers: { 'if-none-match': '"mine"' } })
    expect(again).toMatchObject({ status: 200, text: first.text, cache: 'hit' })
    expect(again.headers.get('x-version')).toBe('2')
    expect(again.headers.get('age')).toBe('0')
    clock.advance(15_000)
    expect((await ask(path)).cache).toBe('hit')
    expect(upstream.seen).toHaveLength(2)
    clock.advance(5_000)
    answering({ ...hour, etag: '"v2"' })
    expect((await ask(path)).text).not.toBe(first.text)
    expect((await ask(path)).headers.get('etag')).toBe('"v2"')
    expect(upstream.seen).toHaveLength(3)
  })

  it('that changes something forgets what was kept of it, for everybody', async () => {
    answering(hour)
    const path = fresh()
    await ask(path)
    await ask(path, { key: other.key })
    answering({}, (response) => {
      response.statusCode = 409
      response.end()
    })
    await ask(path, { method: 'PUT' })
    expect((await ask(path)).cache).toBe('hit')
    answering(hour)
    await ask(path, { method: 'DELETE' })
    expect((await ask(path)).cache).toBe('miss')
    expect((await ask(path, { key: other.key })).cache).toBe('miss')
  })

  it('for one host is not answered with links to another', async () => {
    answering(hour, (response, seen) => response.end(`https://${seen.headers['x-forwarded-host']}/`))
    const path = fresh('open')
    const asked = async (host: string) => {
      const client = await connectClient(Number(new URL(house.url).port))
      client.socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
      return client.ended()
    }
    expect(await asked('evil.example')).toContain('https://evil.example/')
    expect(await asked('good.example')).toContain('https://good.example/')
    expect(await asked('GOOD.example')).toMatch(/X-Cache: hit[\s\S]*https:\/\/good\.example\//)
  })

  it('that a client sends again and again on one connection is looked at as closely as its first', async () => {
    answering({ ...hour, vary: 'Accept-Language' })
    const path = fresh('open')
    const again = async (...lines: string[]) => {
      const client = await connectClient(Number(new URL(house.url).port))
      const text = [`GET ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n')
      for (let turn = 1; turn <= 4; turn++) {
        client.socket.write(text)
        await client.until(new RegExp(`(HTTP/1\\.1 200[\\s\\S]*?answer \\d+[\\s\\S]*?){${turn}}`))
      }
      const all = client.text()
      return [
        all
          .match(/X-Cache: \w+/g)
          ?.map((one) => one.slice(9))
          .join(' '),
        new Set(all.match(/answer \d+/g)).size,
      ]
    }
    expect(await again('Host: h', 'Accept-Language: de')).toEqual(['miss hit hit hit', 1])
    expect(await again('Host: h', 'Accept-Language: fr')).toEqual(['miss hit hit hit', 1])
    expect(await again('Host: other', 'Accept-Language: de')).toEqual(['miss hit hit hit', 1])
    expect(await again('Host: h', 'Accept-Language: de', 'Cookie: user=1')).toEqual([
      'miss miss miss miss',
      4,
    ])
    expect(await again('Host: h', 'Accept-Language: de', 'Cache-Control: no-cache')).toEqual([
      'miss miss miss miss',
      4,
    ])
    const before = upstream.seen.length
    expect(await again('Host: h', 'Accept-Language: de', 'Range: bytes=0-3')).toEqual([undefined, 4])
    expect(upstream.seen.length).toBe(before + 4)
  })

  it('of another page gets the answer with its own origin', async () => {
    answering(hour)
    const path = fresh('open')
    for (const [name, cache] of [
      ['a', 'miss'],
      ['b', 'hit'],
    ]) {
      const origin = `https://${name}.example`
      const answer = await ask(path, { headers: { origin } })
      expect(answer.cache).toBe(cache)
      expect(answer.headers.get('access-control-allow-origin')).toBe(origin)
    }
  })
})

describe('requests for the same at the same time', () => {
  /** Answers that the test lets go, in the order in which the upstream was asked. */
  function holding(headers: Record<string, string>) {
    const held: ServerResponse[] = []
    answering(headers, (response) => held.push(response))
    return held
  }
  const end = (response: ServerResponse | undefined): unknown => response?.end(`answer ${++answers}`)
  const active = (count: number) => expect.poll(() => house.running.active()).toBe(count)
  const unitsOf = async ({ organizationId }: Customer, path: string) =>
    (await house.usageEvents())
      .filter((event) => event['organization_id'] === organizationId && event['path'] === path)
      .map(({ units }) => units)
  const several = (count: number, path: string, asked?: Asked) =>
    Array.from({ length: count }, () => ask(path, asked))
  const textsOf = async (asked: readonly ReturnType<typeof ask>[]) =>
    new Set((await Promise.all(asked)).map(({ text }) => text))

  it('are one to the upstream for each customer, and each is billed', async () => {
    const held = holding(hour)
    const path = fresh()
    const mine = several(12, path)
    const theirs = several(4, path, { key: other.key })
    await active(16)
    await expect.poll(() => held.length).toBe(2)
    for (const response of held) end(response)
    const [first, second] = [await textsOf(mine), await textsOf(theirs)]
    expect([first.size, second.size, new Set([...first, ...second]).size]).toEqual([1, 1, 2])
    expect((await Promise.all(mine)).map(({ cache }) => cache).toSorted()).toEqual([
      ...Array(11).fill('hit'),
      'miss',
    ])
    expect(held).toHaveLength(2)
    expect(await unitsOf(customer, path)).toEqual(Array(12).fill(1))
    expect(await unitsOf(other, path)).toEqual(Array(4).fill(1))
  })

  /** A client that asks, and leaves when the test says so. */
  async function leaving(path: string) {
    const { host, port } = new URL(house.url)
    const client = await connectClient(Number(port))
    client.socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nX-API-Key: ${customer.key}\r\n\r\n`)
    return client
  }

  it('that leave as the first or while they wait, end nobody else, and pay for nothing that was not asked for', async () => {
    const held = holding(hour)
    const path = fresh()
    const first = await leaving(path)
    await expect.poll(() => held.length).toBe(1)
    const asked = several(5, path)
    const third = await leaving(path)
    await active(7)
    third.socket.destroy()
    await active(6)
    first.socket.destroy()
    await expect.poll(() => held.length).toBe(2)
    end(held[1])
    expect((await textsOf(asked)).size).toBe(1)
    expect(held).toHaveLength(2)
    expect((await unitsOf(customer, path)).toSorted()).toEqual([0, 1, 1, 1, 1, 1, 1])
  })

  it('that are not kept do not wait for the end of each other, and later ones not at all', async () => {
    const held = holding({ 'cache-control': 'private' })
    const path = fresh()
    const asked = several(6, path)
    await active(6)
    await expect.poll(() => held.length).toBe(1)
    held[0]?.write('the first answer, ')
    await expect.poll(() => held.length).toBe(6)
    const later = several(6, path)
    await expect.poll(() => held.length).toBe(12)
    for (const response of held) end(response)
    expect((await textsOf([...asked, ...later])).size).toBe(12)
  })

  it.each([
    ['breaks off', (response?: ServerResponse) => response?.destroy()],
    ['turns out to be too large', (response?: ServerResponse) => response?.write('x'.repeat(600))],
  ])('go on by themselves when the first %s', async (_what, spoil) => {
    const held = holding(hour)
    const path = fresh('ttl')
    const first = await leaving(path)
    await expect.poll(() => held.length).toBe(1)
    held[0]?.write('x'.repeat(600))
    await first.until(/x{600}/)
    const asked = several(4, path)
    await active(5)
    expect(held).toHaveLength(1)
    spoil(held[0])
    await expect.poll(() => held.length).toBe(5)
    for (const response of held) end(response)
    expect((await textsOf(asked)).size).toBe(4)
    first.socket.destroy()
    await active(0)
  })

  it('get what their language, their credentials and their wish for something new say', async () => {
    const held = holding({ ...hour, vary: 'Accept-Language' })
    const path = fresh()
    const german = { headers: { 'accept-language': 'de' } }
    const asked = several(3, path, german)
    await expect.poll(() => held.length).toBe(1)
    const french = several(2, path, { headers: { 'accept-language': 'fr' } })
    await active(5)
    const other = [
      ask(path, { headers: { ...german.headers, 'cache-control': 'no-cache' } }),
      ask(path, { headers: { ...german.headers, cookie: 'user=1' } }),
      ask(path, { headers: { ...german.headers, cookie: 'user=2' } }),
    ]
    await expect.poll(() => held.length).toBe(3)
    held[0]?.write('the first, ')
    await expect.poll(() => held.length).toBe(5)
    end(held[0])
    for (const response of held.slice(1, 3)) response.write('anew, ')
    await expect.poll(() => held.length).toBe(6)
    for (const response of held.slice(1)) end(response)
    expect((await textsOf(asked)).size).toBe(1)
    expect((await textsOf([...asked, ...french])).size).toBe(3)
    expect((await textsOf(other)).size).toBe(3)
  })

  it('do not wait for an answer from before a change', async () => {
    const held = holding(hour)
    const path = fresh()
    const before = several(2, path)
    await active(2)
    await expect.poll(() => held.length).toBe(1)
    const change = ask(path, { method: 'PUT' })
    await expect.poll(() => held.length).toBe(2)
    end(held[1])
    await change
    await expect.poll(() => held.length).toBe(3)
    const after = ask(path)
    await active(3)
    end(held[2])
    const newest = (await after).text
    end(held[0])
    expect((await textsOf(before)).has(newest)).toBe(true)
    expect((await textsOf(before)).size).toBe(2)
    expect((await ask(path)).text).toBe(newest)
  })
})

describe('what is kept is forgotten', () => {
  it.each([
    ['the route changes', () => house.api('PATCH', `/api/routes/${routeId}`, { description: `${paths}` })],
    [
      'its upstream changes',
      () => house.api('PATCH', `/api/upstreams/${upstreamId}`, { timeout_ms: 20_000 + paths }),
    ],
  ])('when %s, and not by other changes', async (_what, change) => {
    answering(hour)
    const path = fresh()
    await ask(path)
    await makeCustomer(house)
    await makeRoute(house, upstream.url, { path_pattern: fresh('elsewhere') })
    expect((await ask(path)).cache).toBe('hit')
    expect((await change()).status).toBe(200)
    expect((await ask(path)).cache).toBe('miss')
  })
})
