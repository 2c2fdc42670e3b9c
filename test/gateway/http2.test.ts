import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { makeCustomer, makeRoute } from '#test/support/customer.ts'
import { startRawUpstream } from '#test/support/raw-upstream.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'
import { startUpstream, type Upstream } from '#test/support/upstream.ts'

const fixture = (name: string): string =>
  new URL(`../fixtures/upstream-tls/${name}`, import.meta.url).pathname
const ca = readFileSync(fixture('certificate.pem'))

let house: TestHouse
let upstream: Upstream
let key = ''
let keyId = ''
beforeAll(async () => {
  upstream = await startUpstream()
  house = await startHouse({
    env: { APIGATE_TLS_CERT: fixture('certificate.pem'), APIGATE_TLS_KEY: fixture('key.pem') },
    ca,
  })
  await makeRoute(house, upstream.url, { path_pattern: '/open/*', auth_required: false })
  await makeRoute(house, upstream.url, { path_pattern: '/paid/*' })
  ;({ key, keyId } = await makeCustomer(house, { rate_limit_per_minute: -1 }))
})
afterAll(async () => {
  await house.close()
  await upstream.close()
})
beforeEach(() => {
  upstream.seen.length = 0
  upstream.answer((_request, response) => void response.end('ok'))
})

function open(): ClientHttp2Session {
  const session = connect(house.url, { ca, servername: 'localhost' })
  session.on('error', () => {})
  onTestFinished(() => session.destroy())
  return session
}

interface Answer {
  readonly status: number | undefined
  readonly headers: Record<string, string | string[] | undefined>
  readonly body: string
}

async function answerOf(stream: ClientHttp2Stream): Promise<Answer> {
  let body = ''
  let headers: Answer['headers'] = {}
  stream.on('response', (given) => {
    headers = given as Answer['headers']
  })
  stream.setEncoding('latin1').on('data', (text) => {
    body += text
  })
  await once(stream, 'close')
  return { status: headers[':status'] as unknown as number | undefined, headers, body }
}

const ask = (
  session: ClientHttp2Session,
  headers: Record<string, string | string[]>,
  body?: string,
): Promise<Answer> => {
  const stream = session.request(headers, { endStream: body === undefined })
  stream.on('error', () => {})
  if (body !== undefined) stream.end(body)
  return answerOf(stream)
}

const eventsAt = async (path: string) =>
  (await house.usageEvents()).filter((event) => event['api_key_id'] === keyId && event['path'] === path)

describe('HTTP/2', () => {
  it('carries requests side by side through the pipeline, as HTTP/1.1 to the upstream', async () => {
    const session = open()
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        ask(session, { ':path': `/paid/side?n=${index}`, 'x-api-key': key, cookie: ['a=1', 'b=2'] }),
      ),
    )
    expect(answers.map(({ status, body }) => [status, body])).toEqual(
      Array.from({ length: 50 }, () => [200, 'ok']),
    )
    expect(answers[0]?.headers['x-quota-limit']).toBe('100000')
    expect(Object.keys(answers[0]?.headers ?? {})).not.toContain('connection')
    expect(upstream.seen[0]?.headers).toMatchObject({
      cookie: 'a=1; b=2',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': `localhost:${house.running.port}`,
    })
    expect(await eventsAt('/paid/side')).toHaveLength(50)
  })

  it('sends bodies with and without a length, answers HEAD, 204 and Expect: 100-continue, and keeps several Set-Cookie', async () => {
    const session = open()
    upstream.answer((_request, response, seen) => {
      response.setHeader('set-cookie', ['a=1', 'b=2'])
      if (seen.url.endsWith('/none')) response.writeHead(204)
      response.end(seen.body)
    })
    const posted = await ask(session, { ':method': 'POST', ':path': '/open/x' }, 'no length')
    expect(posted).toMatchObject({
      status: 200,
      body: 'no length',
      headers: { 'set-cookie': ['a=1', 'b=2'] },
    })
    const sized = { ':method': 'POST', ':path': '/open/x', 'content-length': '5' }
    expect(await ask(session, sized, 'sized')).toMatchObject({ status: 200, body: 'sized' })
    expect(await ask(session, { ':method': 'HEAD', ':path': '/open/x' })).toMatchObject({
      status: 200,
      body: '',
    })
    expect(await ask(session, { ':path': '/open/none' })).toMatchObject({ status: 204, body: '' })
    const stream = session.request({ ':method': 'POST', ':path': '/open/x', expect: '100-continue' })
    stream.on('continue', () => stream.end('after the go-ahead'))
    expect(await answerOf(stream)).toMatchObject({ status: 200, body: 'after the go-ahead' })
  })

  it('shows the control plane, with HSTS, on the same connection', async () => {
    const session = open()
    expect(await ask(session, { ':path': '/open/x' })).toMatchObject({ status: 200 })
    expect(await ask(session, { ':path': '/health' })).toMatchObject({
      status: 200,
      headers: { 'strict-transport-security': 'max-age=31536000' },
    })
    const token = { authorization: `Bearer ${house.token}` }
    const made = await ask(
      session,
      { ':method': 'POST', ':path': '/api/plans', 'content-type': 'application/json', ...token },
      JSON.stringify({ name: 'over-http2', rate_limit_per_minute: 1, requests_per_month: 1 }),
    )
    expect(made.status).toBe(201)
    expect(await ask(session, { ':path': '/api/plans/over-http2', ...token })).toMatchObject({ status: 200 })
  })

  it('streams both ways at the pace of the slower side, and loses nothing', async () => {
    const total = 12 * 1024 * 1024
    upstream.answer((_request, response) => void response.end(Buffer.alloc(total, 'x')))
    const session = open()
    const down = session.request({ ':path': '/open/down' })
    await once(down, 'response')
    let received = 0
    for (let turn = 0; turn < 20; turn += 1) await ask(session, { ':path': '/health/live' })
    down.on('data', (chunk: Buffer) => {
      received += chunk.length
    })
    await once(down, 'close')
    expect(received).toBe(total)
    upstream.answer((_request, response, seen) => void response.end(String(seen.body.length)))
    const up = session.request({ ':method': 'POST', ':path': '/open/up' })
    up.end(Buffer.alloc(total, 'y'))
    expect(await answerOf(up)).toMatchObject({ status: 200, body: String(total) })
  })

  it('a stream that its client resets ends the upstream request, and is settled', async () => {
    const raw = await startRawUpstream((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n')
    })
    await makeRoute(house, raw.url, { path_pattern: '/endless/*' })
    const session = open()
    const stream = session.request({ ':path': '/endless/x', 'x-api-key': key })
    stream.on('error', () => {})
    await once(stream, 'data')
    stream.close(constants.NGHTTP2_CANCEL)
    await raw.closed(0)
    expect(await eventsAt('/endless/x')).toMatchObject([{ status: 200, units: 1, response_bytes: 3 }])
  })

  it('a body that is cut off is never taken for a whole one', async () => {
    const raw = await startRawUpstream(() => {})
    await makeRoute(house, raw.url, { path_pattern: '/cut/*' })
    const session = open()
    const stream = session.request({ ':method': 'POST', ':path': '/cut/x', 'x-api-key': key })
    stream.on('error', () => {})
    let bytes = ''
    const arrived = new Promise<void>((resolve) => {
      const look = (): void => {
        if (raw.sockets[0] === undefined) return void setImmediate(look)
        raw.sockets[0].on('data', (more) => {
          bytes += more
        })
        resolve()
      }
      look()
    })
    stream.write('half of it')
    await arrived
    // Node's close() would end the body before it resets the stream.
    stream.destroy(new Error('gone'))
    await raw.closed(0)
    expect(bytes).not.toContain('\r\n0\r\n')
    expect(await eventsAt('/cut/x')).toMatchObject([{ status: 499, units: 0 }])
  })

  it('an upstream that breaks off resets the stream, and the others on the connection go on', async () => {
    const raw = await startRawUpstream((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc')
      setImmediate(() => socket.destroy())
    })
    await makeRoute(house, raw.url, { path_pattern: '/broken/*', auth_required: false })
    const session = open()
    const stream = session.request({ ':path': '/broken/x' })
    stream.on('error', () => {})
    stream.resume()
    await new Promise((resolve) => stream.on('close', resolve))
    expect(stream.rstCode).toBe(constants.NGHTTP2_INTERNAL_ERROR)
    expect(await ask(session, { ':path': '/open/x' })).toMatchObject({ status: 200 })
  })

  it('refuses a host that is not :authority, and secrets of ours do not pass', async () => {
    const session = open()
    const two = { ':path': '/open/x', ':authority': 'localhost', host: 'evil.example' }
    expect(await ask(session, two)).toMatchObject({ status: 400 })
    expect(upstream.seen).toEqual([])
    await ask(session, { ':path': '/open/x', 'x-user-id': 'forged', te: 'trailers', 'x-api-key': key })
    const headers = upstream.seen[0]?.headers ?? {}
    expect([headers['x-user-id'], headers['x-api-key']]).toEqual([undefined, undefined])
  })

  it('refuses heads that are too large, WebSockets and methods that are not forwarded, and goes on', async () => {
    const session = open()
    const large = await ask(session, { ':path': '/open/x', 'x-large': 'x'.repeat(40_000) })
    expect(large.status).not.toBe(200)
    expect(upstream.seen).toEqual([])
    await makeRoute(house, upstream.url, {
      path_pattern: '/ws-h2/*',
      protocol: 'websocket',
      auth_required: false,
    })
    const upgrade = await ask(open(), { ':path': '/ws-h2/x' })
    expect(upgrade.status).toBe(426)
    expect(await ask(open(), { ':method': 'TRACE', ':path': '/open/x' })).toMatchObject({ status: 405 })
  })

  it('a client that opens and resets streams without end loses its connection, and nothing stays behind', async () => {
    const raw = await startRawUpstream(() => {})
    await makeRoute(house, raw.url, { path_pattern: '/slow/*', auth_required: false })
    const session = open()
    await ask(session, { ':path': '/open/x' })
    let isOver = false
    session.on('close', () => {
      isOver = true
    })
    let resets = 0
    while (!isOver && resets < 5_000) {
      if (session.destroyed || session.closed) break
      const stream = session.request({ ':path': '/slow/x' })
      stream.on('error', () => {})
      stream.close(constants.NGHTTP2_CANCEL)
      resets += 1
      // In step with the server: Node's client does not notice the end of a connection that it floods.
      if (resets % 10 === 0) await new Promise<void>((resolve) => void session.ping(() => resolve()))
    }
    while (!isOver) await new Promise(setImmediate)
    expect(resets).toBeLessThan(5_000)
    while (house.running.active() > 0) await new Promise(setImmediate)
    expect(await ask(open(), { ':path': '/open/x' })).toMatchObject({ status: 200 })
  })

  it('a client may have a hundred streams at a time', async () => {
    const session = open()
    await ask(session, { ':path': '/open/x' })
    expect(session.remoteSettings.maxConcurrentStreams).toBe(100)
  })
})
