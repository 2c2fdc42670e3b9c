import { createServer as createTlsServer } from 'node:tls'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { nodeFiles } from '#adapters/journal/segment-file.ts'
import { makeCustomer, makeRoute } from '#test/support/customer.ts'
import { type FrozenClock, frozenClock } from '#test/support/frozen-clock.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'
import { closePayload, closing, frameBytes, openWebSocket } from '#test/support/web-socket.ts'
import { agreement, echoFrames, startWebSocketUpstream } from '#test/support/web-socket-upstream.ts'

let house: TestHouse
let clock: FrozenClock
let paths = 0
beforeAll(async () => {
  clock = frozenClock()
  house = await startHouse({ clock })
})
afterAll(() => house.close())

/** A route to a WebSocket upstream, under a path of its own. */
async function routeTo(
  url: string,
  fields: Record<string, unknown> = {},
  upstream: Record<string, unknown> = {},
) {
  const path = `/ws-test-${++paths}`
  const made = await makeRoute(
    house,
    url,
    { path_pattern: `${path}/*`, protocol: 'websocket', ...fields },
    { retries: 0, ...upstream },
  )
  return { ...made, url: `${house.url}${path}/chat?room=1` }
}

const eventsOf = async (keyId: string) =>
  (await house.usageEvents()).filter((event) => event['api_key_id'] === keyId)

describe('a WebSocket', () => {
  it('carries messages, pings and pongs both ways as they are, and the close codes of either side', async () => {
    const upstream = await startWebSocketUpstream()
    const { url } = await routeTo(upstream.url)
    const { key } = await makeCustomer(house)
    const { status, ws } = await openWebSocket(url, { 'X-API-Key': key })
    expect(status).toBe(101)
    const server = await upstream.next()
    ws.sendText('hello')
    expect(await server.next()).toMatchObject({ opcode: 1, isMasked: true, payload: Buffer.from('hello') })
    const large = Buffer.alloc(200_000, 7)
    server.send(2, large, { isFinal: false })
    server.send(9, 'are you there')
    server.send(0, 'end')
    expect(await ws.next()).toMatchObject({ opcode: 2, isFinal: false, isMasked: false, payload: large })
    expect(await ws.next()).toMatchObject({ opcode: 9, payload: Buffer.from('are you there') })
    expect(await ws.next()).toMatchObject({ opcode: 0, payload: Buffer.from('end') })
    ws.send(10, 'are you there')
    expect(await server.next()).toMatchObject({ opcode: 10, payload: Buffer.from('are you there') })
    server.send(8, closePayload(4321, 'enough'))
    expect(closing(await ws.next())).toEqual([8, 4321, 'enough'])
    ws.send(8, closePayload(4321, 'enough'))
    expect(closing(await server.next())).toEqual([8, 4321, 'enough'])
    server.socket.end()
    await ws.ended()
    await upstream.closed(0)
  })

  it('is opened only from pages that the route lets call, where it says so', async () => {
    const upstream = await startWebSocketUpstream()
    const { url } = await routeTo(upstream.url, { cors: { origins: ['https://app.example'] } })
    const { key } = await makeCustomer(house)
    const open = (headers: Record<string, string>) => openWebSocket(url, { 'X-API-Key': key, ...headers })
    expect((await open({ Origin: 'https://evil.example' })).status).toBe(403)
    expect((await open({ Origin: 'null' })).status).toBe(403)
    expect(upstream.heads).toHaveLength(0)
    expect((await open({ Origin: 'https://app.example' })).status).toBe(101)
    expect((await open({})).status).toBe(101)
  })

  it('reaches the upstream with the headers of any other request, without our key, and with its own subprotocol', async () => {
    const upstream = await startWebSocketUpstream((head) =>
      agreement(head, 'Sec-WebSocket-Protocol: chat.v2\r\nSet-Cookie: a=1\r\nX-RateLimit-Limit: 7\r\n'),
    )
    const { url } = await routeTo(
      upstream.url,
      {},
      { auth_type: 'bearer', auth_value_encrypted: 'their-secret' },
    )
    const { key, keyId, organizationId } = await makeCustomer(house)
    const { head } = await openWebSocket(`${url}&api_key=${key}`, {
      Origin: 'https://page.example',
      'Sec-WebSocket-Protocol': 'chat.v1, chat.v2',
      'Sec-WebSocket-Extensions': 'x-multiplex, permessage-deflate; client_max_window_bits',
      'X-Key-ID': 'forged',
    })
    const sent = upstream.heads[0]?.text ?? ''
    expect(sent).toMatch(/^GET \/ws-test-\d+\/chat\?room=1 HTTP\/1\.1\r\n/)
    for (const line of [
      'Authorization: Bearer their-secret',
      'Origin: https://page.example',
      'Sec-WebSocket-Protocol: chat.v1, chat.v2',
      'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits',
      `X-Key-ID: ${keyId}`,
      `X-Organization-ID: ${organizationId}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
    ])
      expect(sent).toContain(`${line}\r\n`)
    expect(sent).not.toContain(key)
    expect(sent).not.toContain('forged')
    expect(head).toContain('Sec-WebSocket-Protocol: chat.v2\r\n')
    expect(head).toContain('Set-Cookie: a=1\r\n')
    expect(head).toContain('X-RateLimit-Limit: 1000\r\n')
    expect(head).toMatch(/X-Request-Id: req_/)
  })

  it('works behind https, too, and takes up what either side says at once', async () => {
    const { readFileSync } = await import('node:fs')
    const file = (name: string) => readFileSync(new URL(`../fixtures/upstream-tls/${name}`, import.meta.url))
    const server = createTlsServer({ cert: file('certificate.pem'), key: file('key.pem') })
    const upstream = await startWebSocketUpstream(agreement, (ws) => void ws.sendText('welcome'), server)
    const plain = await startWebSocketUpstream(agreement, (ws) => {
      ws.sendText('welcome')
      void echoFrames(ws)
    })
    const { url } = await routeTo(plain.url, { auth_required: false })
    const early = frameBytes(1, 'early', { isMasked: true })
    const { ws } = await openWebSocket(url, {}, { early })
    expect([await ws.nextText(), await ws.nextText()]).toEqual(['welcome', 'early'])
    // The certificate is nobody's that this machine trusts: refused, and not passed over.
    const secure = await routeTo(upstream.url.replace('http:', 'https:'), { auth_required: false })
    expect(await openWebSocket(secure.url)).toMatchObject({ status: 502 })
  })

  it('pauses the side whose reader is slow, loses nothing, and keeps no more than a little of it', async () => {
    const upstream = await startWebSocketUpstream()
    const { url } = await routeTo(upstream.url, { auth_required: false })
    const { ws } = await openWebSocket(url)
    const server = await upstream.next()
    for (const [from, to] of [
      [server, ws],
      [ws, server],
    ] as const) {
      to.socket.pause()
      const chunk = Buffer.alloc(60_000, 1)
      // The kernel's buffers on the way take some megabytes; after that somebody has to wait.
      const sent = 1_000
      for (let index = 0; index < sent; index += 1) from.send(2, chunk)
      for (let turn = 0; turn < 200; turn += 1) await fetch(`${house.url}/health/live`)
      expect(from.socket.writableLength, 'bytes that are held back').toBeGreaterThan(20_000_000)
      to.socket.resume()
      for (let index = 0; index < sent; index += 1) expect((await to.next()).payload.length).toBe(60_000)
    }
  })
})

describe('an upgrade', () => {
  it('that the upstream refuses is answered with its answer, and billed like one', async () => {
    const upstream = await startWebSocketUpstream(
      () => 'HTTP/1.1 404 Not Found\r\nX-Why: gone\r\nContent-Length: 7\r\n\r\nno room',
    )
    const { url } = await routeTo(upstream.url)
    const { key, keyId } = await makeCustomer(house)
    const answer = await openWebSocket(url, { 'X-API-Key': key })
    expect(answer).toMatchObject({ status: 404, body: 'no room' })
    expect(answer.head).toContain('X-Why: gone')
    expect(await eventsOf(keyId)).toMatchObject([{ status: 404, units: 1, response_bytes: 7 }])
  })

  it.each<[string, (head: string) => string]>([
    ['another accept', (head) => agreement(head).replace(/Accept: .*/, 'Accept: dGhlIHNhbXBsZSBub25jZQ==')],
    ['no accept', (head) => agreement(head).replace(/Sec-WebSocket-Accept: .*\r\n/, '')],
    ['a subprotocol nobody offered', (head) => agreement(head, 'Sec-WebSocket-Protocol: chat\r\n')],
    [
      'an extension nobody offered',
      (head) => agreement(head, 'Sec-WebSocket-Extensions: permessage-deflate\r\n'),
    ],
    ['another protocol', (head) => agreement(head).replace('Upgrade: websocket', 'Upgrade: h2c')],
  ])('that the upstream agrees to with %s is a 502 and costs nothing', async (_name, answer) => {
    const upstream = await startWebSocketUpstream(answer)
    const { url } = await routeTo(upstream.url)
    const { key, keyId } = await makeCustomer(house)
    expect(await openWebSocket(url, { 'X-API-Key': key })).toMatchObject({ status: 502 })
    await upstream.closed(0)
    expect(await eventsOf(keyId)).toMatchObject([{ status: 502, units: 0 }])
  })

  it.each<[string, number, string, Parameters<typeof openWebSocket>[1], Parameters<typeof openWebSocket>[2]]>(
    [
      ['no upgrade', 426, 'UPGRADE_REQUIRED', {}, { omit: ['Upgrade', 'Connection'] }],
      ['another protocol', 426, 'UPGRADE_REQUIRED', { Upgrade: 'h2c' }, {}],
      ['an old version', 426, 'UPGRADE_REQUIRED', { 'Sec-WebSocket-Version': '8' }, {}],
      ['no key', 400, 'INVALID_REQUEST', {}, { omit: ['Sec-WebSocket-Key'] }],
      ['a short key', 400, 'INVALID_REQUEST', { 'Sec-WebSocket-Key': 'c2hvcnQ=' }, {}],
      ['another method', 400, 'INVALID_REQUEST', {}, { method: 'POST' }],
      ['a body', 400, 'INVALID_REQUEST', { 'Content-Length': '3' }, {}],
      ['one subprotocol twice', 400, 'INVALID_REQUEST', { 'Sec-WebSocket-Protocol': 'a, a' }, {}],
    ],
  )('with %s is refused before anything is counted', async (_name, status, code, headers, options) => {
    const upstream = await startWebSocketUpstream()
    const { url } = await routeTo(upstream.url)
    const { key, keyId } = await makeCustomer(house)
    const answer = await openWebSocket(url, { ...headers, 'X-API-Key': key }, options)
    expect(answer.status).toBe(status)
    expect(JSON.parse(answer.body)).toMatchObject({ error: { code } })
    if (status === 426) expect(answer.head).toContain('Connection: Upgrade\r\nUpgrade: websocket\r\n')
    expect(upstream.heads).toHaveLength(0)
    expect(await eventsOf(keyId)).toEqual([])
  })

  it('without a key, over the rate limit or over the quota gets the answer of any request', async () => {
    const upstream = await startWebSocketUpstream()
    const { url } = await routeTo(upstream.url)
    expect(await openWebSocket(url)).toMatchObject({ status: 401 })
    const limited = await makeCustomer(house, { rate_limit_per_minute: 1 })
    expect(await openWebSocket(url, { 'X-API-Key': limited.key })).toMatchObject({ status: 101 })
    expect(await openWebSocket(url, { 'X-API-Key': limited.key })).toMatchObject({ status: 429 })
    const used = await makeCustomer(house, { requests_per_month: 1 })
    expect(await openWebSocket(url, { 'X-API-Key': used.key })).toMatchObject({ status: 101 })
    expect(await openWebSocket(url, { 'X-API-Key': used.key })).toMatchObject({ status: 402 })
  })

  it('to a WebSocket is refused on a route of another protocol, while other protocols are passed over', async () => {
    const upstream = await startWebSocketUpstream(() => 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    const { url } = await routeTo(upstream.url, { protocol: 'http', auth_required: false })
    expect(await openWebSocket(url)).toMatchObject({ status: 400 })
    const offered = { Upgrade: 'h2c', Connection: 'Upgrade, HTTP2-Settings', 'HTTP2-Settings': 'AAMAAABkAAQ' }
    expect(await openWebSocket(url, offered)).toMatchObject({ status: 200, body: 'ok' })
    expect(upstream.heads[0]?.text).not.toMatch(/upgrade|http2/i)
  })
})

describe('what is malformed', () => {
  let upstream: Awaited<ReturnType<typeof startWebSocketUpstream>>
  let url = ''
  const open = async () => {
    upstream = await startWebSocketUpstream()
    url = (await routeTo(upstream.url, { auth_required: false })).url
    const { ws } = await openWebSocket(url)
    return { ws, server: await upstream.next() }
  }

  it.each<[string, Buffer]>([
    ['a frame that is not masked', frameBytes(1, 'plain')],
    ['a reserved opcode', frameBytes(3, 'x', { isMasked: true })],
    ['a compressed frame that was not agreed on', frameBytes(1, 'x', { isMasked: true, reserved: 0x40 })],
    ['a continuation of nothing', frameBytes(0, 'x', { isMasked: true })],
    ['a long control frame', frameBytes(9, Buffer.alloc(126), { isMasked: true })],
  ])('%s from the client ends both sides with 1002, after what was sound', async (_name, bad) => {
    const { ws, server } = await open()
    ws.socket.write(Buffer.concat([frameBytes(1, 'sound', { isMasked: true }), bad]))
    expect(await server.nextText()).toBe('sound')
    expect(closing(await server.next())).toMatchObject([8, 1002, expect.any(String)])
    expect(closing(await ws.next())).toMatchObject([8, 1002, expect.any(String)])
    await ws.ended()
  })

  it('a masked frame from the upstream ends both sides with 1002, and is not passed on', async () => {
    const { ws, server } = await open()
    server.socket.write(frameBytes(1, 'x', { isMasked: true }))
    expect(closing(await ws.next())).toMatchObject([8, 1002, expect.any(String)])
    expect(closing(await server.next())).toMatchObject([8, 1002, expect.any(String)])
  })

  it('a message beyond gateway.max_body_bytes ends both sides with 1009', async () => {
    await house.create('settings', { key: 'gateway.max_body_bytes', value: '1000' })
    const { ws, server } = await open()
    ws.send(2, Buffer.alloc(600), { isFinal: false })
    ws.send(0, Buffer.alloc(600))
    expect((await server.next()).payload.length).toBe(600)
    expect(closing(await ws.next())).toMatchObject([8, 1009, expect.any(String)])
    expect((await house.api('DELETE', '/api/settings/gateway.max_body_bytes')).status).toBe(204)
  })
})

describe('the end', () => {
  beforeEach(() => clock.set('2026-11-20T12:00:00.000Z'))

  it.each(['end', 'destroy', 'resetAndDestroy'] as const)(
    'of a client (%s) ends the upstream, and of an upstream the client',
    async (how) => {
      const upstream = await startWebSocketUpstream()
      const { url } = await routeTo(upstream.url, { auth_required: false })
      const first = await openWebSocket(url)
      const server = await upstream.next()
      first.ws.socket[how]()
      await server.ended()
      const second = await openWebSocket(url)
      const other = await upstream.next()
      other.socket[how]()
      await second.ws.ended()
    },
  )

  it('comes with the revocation of its key, to both sides, and to no other key', async () => {
    const upstream = await startWebSocketUpstream()
    const { url } = await routeTo(upstream.url)
    const revoked = await makeCustomer(house)
    const other = await makeCustomer(house)
    const { ws } = await openWebSocket(url, { 'X-API-Key': revoked.key })
    const server = await upstream.next()
    const spared = await openWebSocket(url, { 'X-API-Key': other.key })
    const sparedServer = await upstream.next()
    expect((await house.api('POST', `/api/api_keys/${revoked.keyId}/revoke`)).status).toBe(200)
    expect(closing(await ws.next())).toEqual([8, 1008, 'key_revoked'])
    expect(closing(await server.next())).toEqual([8, 1008, 'key_revoked'])
    spared.ws.sendText('still here')
    expect(await sparedServer.nextText()).toBe('still here')
  })

  it('comes to a suspended organization with account_suspended, and to a key that expires', async () => {
    const upstream = await startWebSocketUpstream()
    const { url } = await routeTo(upstream.url)
    const customer = await makeCustomer(house)
    const { ws } = await openWebSocket(url, { 'X-API-Key': customer.key })
    await house.api('PATCH', `/api/organizations/${customer.organizationId}`, { status: 'suspended' })
    expect(closing(await ws.next())).toEqual([8, 1008, 'account_suspended'])
    const short = await makeCustomer(house)
    const expires_at = new Date(clock.now() + 5_000).toISOString()
    const key = await house.create('api_keys', { user_id: short.userId, name: 'short', expires_at })
    const expiring = await openWebSocket(url, { 'X-API-Key': key.key })
    expect(expiring.status).toBe(101)
    clock.advance(5_000)
    expect(closing(await expiring.ws.next())).toEqual([8, 1008, 'key_expired'])
  })

  it('does not come when the route is edited, and comes with 1001 when it is deleted', async () => {
    const upstream = await startWebSocketUpstream()
    const { url, routeId } = await routeTo(upstream.url)
    const { key } = await makeCustomer(house)
    const { ws } = await openWebSocket(url, { 'X-API-Key': key })
    const server = await upstream.next()
    expect((await house.api('PATCH', `/api/routes/${routeId}`, { description: 'new' })).status).toBe(200)
    clock.advance(61_000)
    ws.sendText('still here')
    expect((await server.next()).payload.toString()).toMatch(/still here|^$/)
    expect((await house.api('DELETE', `/api/routes/${routeId}`)).status).toBe(204)
    let frame = await ws.next()
    while (frame.opcode === 9) frame = await ws.next()
    expect(closing(frame)).toEqual([8, 1001, 'the route is switched off'])
  })

  it('comes to a side that does not answer our ping, and not to silent ones that do', async () => {
    const upstream = await startWebSocketUpstream()
    const { url } = await routeTo(upstream.url, { auth_required: false })
    const { ws } = await openWebSocket(url)
    const server = await upstream.next()
    for (let round = 0; round < 4; round += 1) {
      clock.advance(61_000)
      expect(await ws.next()).toMatchObject({ opcode: 9, isMasked: false })
      expect(await server.next()).toMatchObject({ opcode: 9, isMasked: true })
      ws.send(10)
      expect(await server.next()).toMatchObject({ opcode: 10 })
      server.send(10)
      expect(await ws.next()).toMatchObject({ opcode: 10 })
    }
    clock.advance(61_000)
    expect(await ws.next()).toMatchObject({ opcode: 9 })
    ws.send(10)
    expect(await server.next()).toMatchObject({ opcode: 9 })
    clock.advance(60_000)
    let frame = await ws.next()
    while (frame.opcode === 9) frame = await ws.next()
    expect(closing(frame)).toEqual([8, 1001, 'no sign of life'])
  })
})

it('a graceful stop tells both sides 1001, and has everything recorded', async () => {
  const stopping = await startHouse({ env: { APIGATE_DRAIN_TIMEOUT_MS: '60000' } })
  const { dataDirectory, token } = stopping
  const upstream = await startWebSocketUpstream()
  await makeRoute(stopping, upstream.url, { protocol: 'websocket' })
  const { key } = await makeCustomer(stopping)
  const { ws } = await openWebSocket(`${stopping.url}/x`, { 'X-API-Key': key })
  const server = await upstream.next()
  ws.sendText('hello')
  expect(await server.nextText()).toBe('hello')
  const closed = stopping.running.close()
  for (const side of [ws, server]) {
    expect(closing(await side.next())).toEqual([8, 1001, 'the server is stopping'])
    side.socket.end()
  }
  await closed
  const again = await startHouse({ token, overrides: { dataDirectory } })
  expect((await again.usageEvents()).map((event) => [event['units'], event['request_bytes']])).toEqual([
    [1, 0],
    [0, 5],
  ])
  await again.close()
})

it('while usage cannot be recorded, no upgrade is let through, and a connection ends with 1011 at its next stretch', async () => {
  let isFull = false
  const journalFiles: typeof nodeFiles = {
    ...nodeFiles,
    write: (...args) => {
      if (isFull) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
      return nodeFiles.write(...args)
    },
  }
  const full = await startHouse({ journalFiles })
  const upstream = await startWebSocketUpstream(agreement, (ws) => void echoFrames(ws))
  await makeRoute(full, upstream.url, {
    protocol: 'websocket',
    metering_mode: 'custom',
    metering_expr: 'request_messages',
    metering_max: 2,
  })
  const { key } = await makeCustomer(full)
  const { ws } = await openWebSocket(`${full.url}/x`, { 'X-API-Key': key })
  isFull = true
  // One after the other: three that are read at once are one stretch, and recorded only when its time is over.
  ws.sendText('hello')
  let frame = await ws.next()
  while (frame.opcode !== 8) {
    ws.sendText('hello')
    frame = await ws.next()
  }
  expect(closing(frame)).toEqual([8, 1011, 'usage cannot be recorded'])
  expect(await openWebSocket(`${full.url}/x`, { 'X-API-Key': key })).toMatchObject({ status: 503 })
  await full.close()
})

it('a hundred WebSockets at once are billed one unit each, and give their connections back', async () => {
  const upstream = await startWebSocketUpstream(agreement, (ws) => void echoFrames(ws))
  const { url } = await routeTo(upstream.url, {}, { max_connections: 100 })
  const { key, keyId } = await makeCustomer(house, { requests_per_month: 200 })
  const round = async (): Promise<void> => {
    const opened = await Promise.all(
      Array.from({ length: 100 }, () => openWebSocket(url, { 'X-API-Key': key })),
    )
    expect(opened.map(({ status }) => status)).toEqual(Array.from({ length: 100 }, () => 101))
    await Promise.all(
      opened.map(async ({ ws }, index) => {
        ws.sendText(`hello ${index}`)
        expect(await ws.nextText()).toBe(`hello ${index}`)
        ws.send(8, closePayload(1000))
        expect(closing(await ws.next())).toEqual([8, 1000, ''])
        await ws.ended()
      }),
    )
  }
  await round()
  await round()
  const events = await eventsOf(keyId)
  expect(events.reduce((sum, event) => sum + Number(event['units']), 0)).toBe(200)
  expect(events.reduce((sum, event) => sum + Number(event['request_bytes']), 0)).toBe(2 * (10 * 7 + 90 * 8))
  expect(new Set(events.map(({ id }) => id)).size).toBe(events.length)
  expect(await openWebSocket(url, { 'X-API-Key': key })).toMatchObject({ status: 402 })
})
