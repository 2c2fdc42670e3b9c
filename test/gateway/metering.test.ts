import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { request } from 'node:http'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Customer, makeCustomer, makeRoute } from '#test/support/customer.ts'
import { frozenClock } from '#test/support/frozen-clock.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'
import { startUpstream, type Upstream } from '#test/support/upstream.ts'

let house: TestHouse
let upstream: Upstream
let customer: Customer

const tokens = {
  metering_mode: 'custom',
  metering_expr: 'usage.total_tokens',
  metering_fallback: 3,
  metering_max: 1_000,
}

beforeAll(async () => {
  upstream = await startUpstream()
  house = await startHouse({ clock: frozenClock() })
  const routes: Record<string, Record<string, unknown>> = {
    '/five/*': { metering_expr: '5' },
    '/by-method/*': { metering_expr: 'method == "GET" ? 1 : 5', metering_max: 5 },
    '/bytes/*': { metering_mode: 'bytes', metering_max: 1_000_000 },
    '/field/*': {
      metering_mode: 'response_field',
      metering_expr: 'data.cost',
      metering_fallback: 3,
      metering_max: 50,
    },
    '/header/*': {
      metering_mode: 'custom',
      metering_expr: 'int(headers[?"x-credits"].orValue("2"))',
      metering_max: 100,
      response_transform: { delete_headers: ['X-Credits'] },
    },
    '/tokens/*': tokens,
    '/free/*': { metering_expr: '0' },
  }
  for (const [path_pattern, fields] of Object.entries(routes))
    await makeRoute(house, upstream.url, { path_pattern, ...fields })
  customer = await makeCustomer(house, { requests_per_month: 100_000_000 })
})
afterAll(async () => {
  await house.close()
  await upstream.close()
})
beforeEach(() => {
  upstream.seen.length = 0
})

const call = (path: string, init: RequestInit = {}, key = customer.key) =>
  fetch(`${house.url}${path}`, { ...init, headers: { authorization: `Bearer ${key}` } })

/** The units of what this work added to the usage table, event by event. */
async function billed(work: () => Promise<unknown>): Promise<readonly number[]> {
  const before = new Set((await house.usageEvents()).map(({ id }) => id))
  await work()
  // A compressed answer that was left half-way is read to its end after the client is gone.
  let units: readonly number[] = []
  await expect
    .poll(async () => {
      const events = (await house.usageEvents()).filter(({ id }) => !before.has(id))
      units = events.map((event) => Number(event['units']))
      return units.length
    })
    .toBeGreaterThan(0)
  return units
}

const answerWith = (body: string | Buffer, headers: Record<string, string> = {}, status = 200) =>
  upstream.answer((_request, response) => {
    response.writeHead(status, headers)
    response.end(body)
  })

const read = async (answer: Promise<Response>): Promise<string> => (await answer).text()

describe('a call is billed', () => {
  it.each<[string, string, RequestInit, string, number]>([
    ['a plain number', '/five/x', {}, 'ok', 5],
    ['nothing where the route is free', '/free/x', {}, 'ok', 0],
    ['by its method', '/by-method/x', { method: 'POST', body: 'x' }, 'ok', 5],
    ['by the bytes answered', '/bytes/x', {}, 'x'.repeat(12_345), 12_345],
    ['by a field of the answer', '/field/x', {}, '{"data":{"cost":7}}', 7],
    ['half up, where the field is a fraction', '/field/x', {}, '{"data":{"cost":7.5}}', 8],
    ['never more than metering_max', '/field/x', {}, '{"data":{"cost":999}}', 50],
    ['the fallback where the field is missing', '/field/x', {}, '{"data":{}}', 3],
    ['the fallback where the field is below nothing', '/field/x', {}, '{"data":{"cost":-7}}', 3],
    ['the fallback where the answer is no JSON', '/field/x', {}, '<xml/>', 3],
  ])('%s', async (_name, path, init, body, units) => {
    answerWith(body)
    expect(await billed(() => read(call(path, init)))).toEqual([units])
  })

  it.each<[string, (text: string) => Buffer, Record<string, string>]>([
    ['plain', (text) => Buffer.from(text), {}],
    ['compressed', (text) => gzipSync(text, { level: 0 }), { 'content-encoding': 'gzip' }],
  ])('by a field of a large %s answer, whatever else passes meanwhile', async (_name, coded, headers) => {
    const numbers = Array.from({ length: 80_000 }, (_, index) => index * 7919).join()
    const bodies = [7, 8, 9, 10].map((cost) => JSON.stringify({ numbers, data: { cost } }))
    const coming = bodies.map(coded)
    upstream.answer((_request, response, { url }) => {
      response.writeHead(200, headers)
      response.end(coming[Number(url.split('/').at(-1))])
    })
    const units = await billed(async () => {
      const texts = await Promise.all(bodies.map((_, index) => read(call(`/field/${index}`))))
      expect(texts.map((text, index) => text === bodies[index])).toEqual(bodies.map(() => true))
    })
    expect(units.toSorted((a, b) => a - b)).toEqual([7, 8, 9, 10])
  })

  it('by a header of the upstream that the client does not get to see', async () => {
    answerWith('ok', { 'x-credits': '42' })
    const units = await billed(async () => {
      const answer = await call('/header/x')
      expect([answer.headers.get('x-credits'), await answer.text()]).toEqual([null, 'ok'])
    })
    expect(units).toEqual([42])
  })

  it('nothing where the upstream failed, whatever its answer says', async () => {
    answerWith('{"data":{"cost":7}}', {}, 500)
    expect(await billed(() => read(call('/field/x')))).toEqual([0])
  })
})

const openAi = (total: number): string =>
  `{"id":"1","choices":[{"message":{"content":"hi"}}],"usage":{"prompt_tokens":${total - 40},"completion_tokens":40,"total_tokens":${total}}}`
const openAiStream = (total: number): string =>
  `data: {"choices":[{"delta":{"content":"h"}}]}\n\ndata: {"choices":[{"delta":{"content":"i"}}],"usage":null}\n\ndata: ${openAi(total)}\n\ndata: [DONE]\n\n`
const anthropicStream = (total: number): string =>
  `event: message_start\ndata: {"type":"message_start","message":{"usage":{"input_tokens":${total - 40},"output_tokens":1}}}\n\n` +
  'event: content_block_delta\ndata: {"type":"content_block_delta","delta":{"text":"hi"}}\n\n' +
  'event: message_delta\ndata: {"type":"message_delta","usage":{"output_tokens":40}}\n\nevent: message_stop\ndata: {"type":"message_stop"}\n\n'

const codings: Record<string, (text: string) => Buffer> = {
  identity: Buffer.from,
  gzip: gzipSync,
  br: brotliCompressSync,
}

interface Shape {
  readonly protocol: string
  readonly type: string
  readonly body: string
}
const shapes: Record<string, Shape> = {
  'a JSON answer': { protocol: 'http', type: 'application/json', body: openAi(140) },
  'a JSON stream': { protocol: 'http_stream', type: 'application/json', body: openAi(140) },
  'an OpenAI event stream': { protocol: 'sse', type: 'text/event-stream', body: openAiStream(140) },
  'an Anthropic event stream': {
    protocol: 'sse',
    type: 'text/event-stream; charset=utf-8',
    body: anthropicStream(140),
  },
}
const transforms: Record<string, Record<string, unknown> | null> = {
  'no transform': null,
  'a header transform': { set_headers: { 'X-Set': '=string(status)' } },
  'a body transform': { body_expr: '{"only": body.id}' },
}
type Interruption = 'none' | 'abort' | 'reload' | 'cut'

function cells(): [string, Shape, string, Record<string, unknown> | null, Interruption][] {
  const all: [string, Shape, string, Record<string, unknown> | null, Interruption][] = []
  for (const [shapeName, shape] of Object.entries(shapes))
    for (const [transformName, transform] of Object.entries(transforms)) {
      // A stream leaves as it comes: such a route is refused when it is written.
      if (shape.protocol !== 'http' && transform !== null && 'body_expr' in transform) continue
      for (const coding of Object.keys(codings))
        for (const interruption of ['none', 'abort', 'reload', 'cut'] as const)
          all.push([
            `${shapeName}, ${coding}, ${transformName}, ${interruption}`,
            shape,
            coding,
            transform,
            interruption,
          ])
    }
  return all
}

/** Sends the coded body in two halves; the second one when it is told to. */
function inHalves(body: Buffer, type: string, coding: string) {
  const { promise: isHalfSent, resolve: halfSent } = Promise.withResolvers<ServerResponse>()
  upstream.answer((_request, response) => {
    const headers = { 'content-type': type, 'content-length': body.length }
    response.writeHead(200, coding === 'identity' ? headers : { ...headers, 'content-encoding': coding })
    response.write(body.subarray(0, body.length / 2), () => halfSent(response))
  })
  return isHalfSent
}

describe('whatever the shape, coding, transform and interruption of an answer, its units are right:', () => {
  it.each(cells())('%s', async (name, shape, coding, transform, interruption) => {
    const path = `/matrix/${name.replaceAll(/[^a-zA-Z]+/g, '-')}`
    const { routeId } = await makeRoute(house, upstream.url, {
      path_pattern: path,
      match_type: 'exact',
      protocol: shape.protocol,
      ...tokens,
      ...(transform === null ? {} : { response_transform: transform }),
    })
    const encode = codings[coding] as (text: string) => Buffer
    const body = encode(shape.body)
    const half = inHalves(body, shape.type, coding)
    const isHeld = transform !== null && 'body_expr' in transform
    let units: readonly number[] = []
    const outgoing = request(`${house.url}${path}`, {
      headers: { authorization: `Bearer ${customer.key}`, 'accept-encoding': 'gzip, br' },
    })
    units = await billed(async () => {
      const { promise: received, resolve } = Promise.withResolvers<IncomingMessage | undefined>()
      outgoing.on('response', resolve)
      outgoing.on('error', () => resolve(undefined))
      outgoing.end()
      const response = await half
      if (!isHeld) await received
      if (interruption === 'abort') {
        const isClosed = once(response, 'close')
        outgoing.destroy()
        await isClosed
        return
      }
      // The price of a call is the one that stood when it was admitted.
      if (interruption === 'reload')
        await house.api('PATCH', `/api/routes/${routeId}`, { metering_expr: '999', metering_max: 999 })
      if (interruption === 'cut') response.socket?.destroy()
      else response.end(body.subarray(body.length / 2))
      const answer = await received
      if (answer === undefined) return
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('error', () => {})
      await new Promise((resolve) => answer.on('close', resolve))
      const got = Buffer.concat(chunks)
      if (interruption === 'cut') expect(got.length).not.toBe(body.length)
      else if (isHeld) expect(JSON.parse(String(got))).toEqual({ only: '1' })
      else expect(got.equals(body)).toBe(true)
      if (transform !== null && !isHeld) expect(answer.headers['x-set']).toBe('200')
    })
    // Whoever leaves half-way pays for what was told by then, at least the fallback; what broke off by itself is free.
    const told = shape.body.startsWith('event: message_start') && coding === 'identity' ? 101 : 3
    const expected = { none: 140, reload: 140, cut: 0, abort: told }[interruption]
    if (interruption === 'abort' && coding !== 'identity') {
      expect(units).toHaveLength(1)
      expect(units[0]).toBeGreaterThanOrEqual(3)
      expect(units[0]).toBeLessThanOrEqual(140)
    } else expect(units).toEqual([expected])
  })
})

describe('a hard quota', () => {
  it('is never overrun by calls under way: the worst case of each is held, and what was not used comes back', async () => {
    const small = await makeCustomer(house, { requests_per_month: 2_500, quota_mode: 'hard' })
    const waiting: ServerResponse[] = []
    const { promise: areTwoThere, resolve } = Promise.withResolvers<void>()
    upstream.answer((_request, response) => {
      waiting.push(response)
      if (waiting.length === 2) resolve()
    })
    const first = [call('/tokens/a', {}, small.key), call('/tokens/b', {}, small.key)]
    await areTwoThere
    const refused = await call('/tokens/c', {}, small.key)
    expect([refused.status, waiting.length]).toEqual([402, 2])
    for (const response of waiting) response.end(openAi(600))
    for (const answer of await Promise.all(first)) {
      expect(answer.status).toBe(200)
      // What a call used is settled before the last byte of its answer, not before the first.
      await answer.text()
    }
    answerWith(openAi(301))
    const served = await call('/tokens/d', {}, small.key)
    expect(served.status).toBe(200)
    await served.text()
    const next = await call('/tokens/e', {}, small.key)
    expect([next.status, next.headers.get('x-quota-used')]).toEqual([402, '1501'])
    const sum = (await house.usageEvents())
      .filter(({ subscription_id: id }) => id === small.subscriptionId)
      .reduce((total, { units }) => total + Number(units), 0)
    expect(sum).toBe(1_501)
  })

  it('gets back what a failed call held', async () => {
    const small = await makeCustomer(house, { requests_per_month: 1_000, quota_mode: 'hard' })
    upstream.answer((_request, response) => void response.socket?.destroy())
    const failed = await call('/tokens/a', {}, small.key)
    expect(failed.status).toBe(502)
    await failed.text()
    answerWith(openAi(200))
    expect((await call('/tokens/a', {}, small.key)).status).toBe(200)
  })
})

it('calls that the expression alone could not price are counted by their reason', async () => {
  answerWith('<xml/>')
  await read(call('/field/x'))
  const metrics = await fetch(`${house.url}/metrics`)
  expect(await metrics.text()).toMatch(/apigate_metering_fallbacks_total\{reason="not_json"\} [1-9]/)
})
