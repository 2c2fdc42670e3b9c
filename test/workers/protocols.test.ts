import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type ClientHttp2Session, connect, type OutgoingHttpHeaders } from 'node:http2'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { makeCustomer, makeRoute } from '#test/support/customer.ts'
import { watch } from '#test/support/live-client.ts'
import { startUpstream, type Upstream } from '#test/support/upstream.ts'
import { startWorkers, type WorkerHouse } from './worker-house.ts'

const fixture = (name: string): string =>
  new URL(`../fixtures/upstream-tls/${name}`, import.meta.url).pathname
const ca = readFileSync(fixture('certificate.pem'))

let upstream: Upstream
let plain: WorkerHouse
let secure: WorkerHouse
beforeAll(async () => {
  upstream = await startUpstream()
  plain = await startWorkers(2)
  secure = await startWorkers(2, {
    env: { APIGATE_TLS_CERT: fixture('certificate.pem'), APIGATE_TLS_KEY: fixture('key.pem') },
    ca,
  })
  await makeRoute(secure, upstream.url)
})
afterAll(async () => {
  await plain.close()
  await secure.close()
  await upstream.close()
})

it('live connections through any worker hear of every change, and are refused like on one', async () => {
  const clients = await Promise.all(
    Array.from({ length: 6 }, () => watch(plain.url, '/ws/plans', { token: plain.token })),
  )
  await plain.create('plans', { name: 'heard' })
  for (const client of clients) {
    const [message] = await client.received(1)
    expect(message).toMatchObject({ event: 'plan.created', data: { name: 'heard' } })
  }
  await expect(watch(plain.url, '/ws/plans', { token: 'opt_wrong' })).rejects.toThrow('401 unauthorized')
  await expect(watch(plain.url, '/ws/nothing', { token: plain.token })).rejects.toThrow('404 not_found')
  const forged = { 'x-apigate-relay': `${'0'.repeat(64)} http 1 127.0.0.1` }
  await expect(watch(plain.url, '/ws/plans', { headers: forged })).rejects.toThrow('401 unauthorized')
})

it('a live connection ends when the instance stops', async () => {
  const house = await startWorkers(2)
  const client = await watch(house.url, '/ws/plans', { token: house.token })
  await house.close()
  expect((await client.closed()).reason).toBe('the server stops')
})

interface Answer {
  readonly status: unknown
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

async function send(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  body?: string,
): Promise<Answer> {
  const stream = session.request(headers, { endStream: body === undefined })
  let text = ''
  let given: Readonly<Record<string, unknown>> = {}
  stream.on('response', (all) => {
    given = { ...all }
  })
  stream.setEncoding('utf8').on('data', (piece: string) => {
    text += piece
  })
  if (body !== undefined) stream.end(body)
  await once(stream, 'close')
  return { status: given[':status'], headers: given, body: text }
}

it('one HTTP/2 connection to a worker carries requests of the gateway and of the control plane, bodies without a length too', async () => {
  const { key } = await makeCustomer(secure)
  const session = connect(secure.url, { ca, servername: 'localhost' })
  onTestFinished(() => session.destroy())
  const authorization = `Bearer ${secure.token}`
  const json = { authorization, 'content-type': 'application/json' }
  const [proxied, live, made, list] = await Promise.all([
    send(session, { ':path': '/x', 'x-api-key': key }),
    send(session, { ':path': '/health/live' }),
    send(session, { ':path': '/api/plans', ':method': 'POST', ...json }, JSON.stringify({ name: 'by h2' })),
    send(session, { ':path': '/api/plans?limit=1', authorization }),
  ])
  expect([proxied.status, proxied.body]).toEqual([200, '{"ok":true}'])
  expect([live.status, live.headers['strict-transport-security'] !== undefined]).toEqual([200, true])
  expect([made.status, list.status]).toEqual([201, 200])
  const smuggled = 'GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n'
  const odd = await send(session, { ':path': '/health/live', ':method': 'GET' }, smuggled)
  expect([odd.status, odd.body.includes('uptime')]).toEqual([200, true])
  expect((await send(session, { ':path': '/health/live' })).status).toBe(200)
})

it('a session that begins over TLS has a secure cookie, whichever worker ends the TLS', async () => {
  const input = { email: 'tls@example.com', password: 'correct-horse-battery', role: 'superadmin' }
  await secure.create('operators', input)
  const session = connect(secure.url, { ca, servername: 'localhost' })
  onTestFinished(() => session.destroy())
  const { email, password } = input
  const headers = { ':path': '/admin/login', ':method': 'POST', 'content-type': 'application/json' }
  const signedIn = await send(session, headers, JSON.stringify({ email, password }))
  const [cookie = ''] = signedIn.headers['set-cookie'] as string[]
  expect(cookie).toMatch(/; Secure/)
  const me = await send(session, { ':path': '/admin/me', cookie: cookie.split(';')[0] })
  expect(me.status).toBe(200)
})
