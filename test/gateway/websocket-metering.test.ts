import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { deflateRawSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeCustomer, makeRoute } from '#test/support/customer.ts'
import { type FrozenClock, frozenClock } from '#test/support/frozen-clock.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'
import { closePayload, closing, type FrameSocket, openWebSocket } from '#test/support/web-socket.ts'
import { agreement, echoFrames, startWebSocketUpstream } from '#test/support/web-socket-upstream.ts'

let house: TestHouse
let clock: FrozenClock
beforeAll(async () => {
  clock = frozenClock()
  house = await startHouse({ clock })
})
afterAll(() => house.close())

let paths = 0
/** A route that sends every message back, counted so. */
async function echoRoute(fields: Record<string, unknown>, on: TestHouse = house): Promise<string> {
  const upstream = await startWebSocketUpstream(agreement, (ws) => void echoFrames(ws))
  const path = `/metered-${++paths}`
  await makeRoute(on, upstream.url, { path_pattern: `${path}/*`, protocol: 'websocket', ...fields })
  return `${path}/chat`
}

const perMessage = { metering_mode: 'custom', metering_expr: 'request_messages + response_messages' }

async function exchange(ws: FrameSocket, count: number, text = 'four'): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    ws.sendText(text)
    expect(await ws.nextText()).toBe(text)
  }
}

/** The usage of a key once this many events are there; the sweep that writes them comes by itself. */
async function eventsOf(keyId: string, count: number) {
  for (;;) {
    const events = (await house.usageEvents()).filter((event) => event['api_key_id'] === keyId)
    if (events.length >= count) return events
    await new Promise(setImmediate)
  }
}
const sum = (events: readonly Record<string, unknown>[], field: string): number =>
  events.reduce((total, event) => total + Number(event[field]), 0)

it('messages of both sides are billed in stretches of a minute, each an event of its own with what is new in it', async () => {
  const path = await echoRoute({ ...perMessage, metering_max: 1000 })
  const { key, keyId } = await makeCustomer(house)
  const { ws } = await openWebSocket(house.url + path, { 'X-API-Key': key })
  expect(await eventsOf(keyId, 1)).toMatchObject([{ status: 101, units: 0 }])
  const start = clock.now()
  await exchange(ws, 3)
  clock.advance(60_000)
  expect((await eventsOf(keyId, 2))[1]).toMatchObject({
    units: 6,
    request_bytes: 12,
    response_bytes: 12,
    at: start,
    duration_ms: 60_000,
    method: 'GET',
    path,
  })
  await exchange(ws, 2)
  ws.socket.destroy()
  const events = await eventsOf(keyId, 3)
  expect(events.map(({ units }) => units)).toEqual([0, 6, 4])
  expect(events[2]).toMatchObject({ at: start + 60_000, request_bytes: 8 })
  expect(new Set(events.map(({ id }) => id)).size).toBe(3)
  expect(new Set(events.map(({ request_id }) => request_id)).size).toBe(1)
  const next = await openWebSocket(house.url + path, { 'X-API-Key': key })
  // What the first connection held is given back; the new one holds its own.
  expect(next.head).toContain('X-Quota-Used: 1010\r\n')
})

const header = { request_transform: { set_headers: { 'X-Set': '=path' } } }
const deflate = 'Sec-WebSocket-Extensions: permessage-deflate\r\n'
const cells = [{}, header].flatMap((transform) =>
  ['plain', 'deflate'].flatMap((coding) =>
    ['none', 'abort', 'cut', 'reload'].map((interruption) => ({ transform, coding, interruption })),
  ),
)

it.each(cells)(
  'units are right whatever the interruption: %j',
  async ({ transform, coding, interruption }) => {
    let served: FrameSocket | undefined
    const extra = coding === 'deflate' ? deflate : ''
    const upstream = await startWebSocketUpstream(
      (head) => agreement(head, extra),
      (ws) => {
        served = ws
        void echoFrames(ws)
      },
    )
    const path = `/metered-${++paths}`
    const fields = {
      path_pattern: path,
      protocol: 'websocket',
      ...perMessage,
      metering_max: 100,
      ...transform,
    }
    const { routeId } = await makeRoute(house, upstream.url, fields)
    const { key, keyId } = await makeCustomer(house)
    const { ws, head } = await openWebSocket(house.url + path, {
      'X-API-Key': key,
      ...(coding === 'deflate' ? { 'Sec-WebSocket-Extensions': 'permessage-deflate' } : {}),
    })
    expect(head.includes(deflate)).toBe(coding === 'deflate')
    expect(/^x-set: (.*)$/im.exec(upstream.heads[0]?.text ?? '')?.[1]).toBe(
      'request_transform' in transform ? path : undefined,
    )
    const payload =
      coding === 'deflate' ? deflateRawSync('a message, and a message') : Buffer.from('a message')
    const reserved = coding === 'deflate' ? 0x40 : 0
    for (let turn = 0; turn < 3; turn++) {
      ws.send(1, payload, { reserved })
      expect(await ws.next()).toMatchObject({ opcode: 1, reserved, payload })
      // The price of a connection is the one that stood when it was opened.
      if (turn === 1 && interruption === 'reload') {
        const edited = await house.api('PATCH', `/api/routes/${routeId}`, { metering_expr: '99' })
        expect(edited.status).toBe(200)
      }
    }
    if (interruption === 'abort') ws.socket.destroy()
    else if (interruption === 'cut') served?.socket.destroy()
    else ws.send(8, closePayload(1000))
    const events = await eventsOf(keyId, 2)
    expect(events.map(({ units }) => units)).toEqual([0, 6])
    expect(events[1]).toMatchObject({ request_bytes: 3 * payload.length, response_bytes: 3 * payload.length })
  },
)

it('bytes are those of the payloads on the wire, without frame headers and pings', async () => {
  const path = await echoRoute({
    metering_mode: 'bytes',
    metering_expr: 'request_bytes + response_bytes',
    metering_max: 1_000_000,
  })
  const { key, keyId } = await makeCustomer(house, { requests_per_month: -1 })
  const { ws } = await openWebSocket(house.url + path, { 'X-API-Key': key })
  await exchange(ws, 1, 'x'.repeat(70_000))
  ws.send(9, 'ping')
  expect((await ws.next()).opcode).toBe(10)
  ws.socket.destroy()
  expect(sum(await eventsOf(keyId, 2), 'units')).toBe(140_000)
})

it('an upgrade counted by request costs its units once, however long it lasts and whatever goes over it', async () => {
  const path = await echoRoute({ metering_expr: '3' })
  const { key, keyId } = await makeCustomer(house)
  const { ws } = await openWebSocket(house.url + path, { 'X-API-Key': key })
  await exchange(ws, 5)
  clock.advance(60_000)
  await eventsOf(keyId, 2)
  await exchange(ws, 5)
  ws.socket.destroy()
  const events = await eventsOf(keyId, 3)
  expect(events.map(({ units }) => units)).toEqual([3, 0, 0])
  expect(sum(events, 'request_bytes')).toBe(40)
})

it('a hard quota is never overrun: the message that would is not passed on, and both sides are closed with 1008', async () => {
  const path = await echoRoute({
    metering_mode: 'custom',
    metering_expr: 'request_messages * 2',
    metering_max: 4,
  })
  const { key, keyId } = await makeCustomer(house, { requests_per_month: 10, quota_mode: 'hard' })
  const both = await Promise.all([1, 2].map(() => openWebSocket(house.url + path, { 'X-API-Key': key })))
  expect(both.map(({ status }) => status)).toEqual([101, 101])
  let passed = 0
  for (const { ws } of both) {
    for (;;) {
      ws.sendText('one more')
      const frame = await ws.next()
      if (frame.opcode === 8) {
        expect(closing(frame)).toEqual([8, 1008, 'quota_exceeded'])
        break
      }
      passed += 1
    }
  }
  expect(passed).toBe(5)
  const events = (await house.usageEvents()).filter((event) => event['api_key_id'] === keyId)
  expect(sum(events, 'units')).toBe(10)
  expect(await openWebSocket(house.url + path, { 'X-API-Key': key })).toMatchObject({ status: 402 })
})

it('an expression over the answer is refused on a WebSocket route', async () => {
  const upstream = await house.create('upstreams', { name: 'any', base_url: 'http://127.0.0.1:9' })
  const answer = await house.api('POST', '/api/routes', {
    name: 'any',
    path_pattern: '/any',
    upstream_id: upstream.id,
    protocol: 'websocket',
    metering_mode: 'custom',
    metering_expr: 'size(body.items)',
    metering_max: 5,
  })
  expect([answer.status, answer.body.error.details.field]).toEqual([400, 'metering_expr'])
})

it('a server that is killed with -9 has every checkpointed message in the usage table once, and loses at most a stretch', async () => {
  const first = await startHouse()
  const { dataDirectory, token } = first
  const path = await echoRoute({ ...perMessage, metering_max: 20 }, first)
  const { key } = await makeCustomer(first, { rate_limit_per_minute: -1 })
  await first.running.close()
  const program = resolve(import.meta.dirname, '../../bin/apigate')
  const child = spawn(program, ['serve', '--port', '0', '--host', '127.0.0.1', '--data', dataDirectory], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let url = ''
  for await (const line of createInterface(child.stderr)) {
    url = /answers on (\S+)/.exec(line)?.[1] ?? ''
    if (url !== '') break
  }
  const sockets = await Promise.all(
    Array.from({ length: 5 }, () => openWebSocket(url + path, { 'X-API-Key': key })),
  )
  await Promise.all(sockets.map(({ ws }) => exchange(ws, 37)))
  child.kill('SIGKILL')
  await once(child, 'exit')
  const second = await startHouse({ token, overrides: { dataDirectory } })
  const events = await second.usageEvents()
  expect(new Set(events.map(({ id }) => id)).size).toBe(events.length)
  const units = sum(events, 'units')
  // Each of the five had 74 messages, and at most 20 of them were still to be recorded.
  expect(units).toBeLessThanOrEqual(5 * 74)
  expect(units).toBeGreaterThanOrEqual(5 * 54)
  await second.close()
})
