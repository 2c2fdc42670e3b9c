import { once } from 'node:events'
import { readdirSync, rmSync, statSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, type Received } from '#test/support/bombard.ts'
import { makeCustomer, makeRoute } from '#test/support/customer.ts'
import { frozenClock } from '#test/support/frozen-clock.ts'
import { connectClient } from '#test/support/gateway-server.ts'
import { startUpstream, type Upstream } from '#test/support/upstream.ts'
import { startWorkers, type WorkerHouse } from './worker-house.ts'

let upstream: Upstream
let house: WorkerHouse
beforeAll(async () => {
  upstream = await startUpstream()
  // Whoever guesses waits a second: time must not pass while the test looks.
  const clock = frozenClock(new Date().toISOString())
  house = await startWorkers(2, { clock, env: { APIGATE_TRUSTED_PROXIES: '127.0.0.9' } })
  await makeRoute(house, upstream.url)
})
afterAll(async () => {
  await house.close()
  await upstream.close()
})

/** Sends a request to the control plane from an address of this machine, with exactly these headers. */
function from(
  localAddress: string,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Received> {
  return new Promise((done, failed) => {
    const { method = 'GET', headers = {}, body } = options
    const sent = request(
      `${house.url}${path}`,
      { agent: false, localAddress, method, headers },
      (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (piece: string) => {
          text += piece
        })
        response.on('end', () =>
          done({ status: response.statusCode ?? 0, id: '', body: text, headers: response.headers }),
        )
      },
    )
    sent.on('error', failed)
    sent.end(body)
  })
}

const signIn = (localAddress: string, password: string, headers: Record<string, string> = {}) =>
  from(localAddress, '/admin/login', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ email: 'ada@example.com', password }),
  })

describe('whoever asks the control plane through a worker', () => {
  it('counts by the address that the connection came from, or that a trusted proxy names', async () => {
    await house.create('operators', {
      email: 'ada@example.com',
      password: 'correct-horse-battery',
      role: 'superadmin',
    })
    expect((await signIn('127.0.0.1', 'correct-horse-battery')).status).toBe(200)
    const guesses = await Promise.all(
      Array.from({ length: 6 }, () => signIn('127.0.0.2', 'wrong-wrong-wrong')),
    )
    expect(guesses.map(({ status }) => status).toSorted()).toEqual([401, 401, 401, 401, 401, 429])
    expect((await signIn('127.0.0.2', 'correct-horse-battery')).status, 'the guesser waits').toBe(429)
    const forged = { 'x-forwarded-for': '127.0.0.1', 'x-apigate-relay': `${'0'.repeat(64)} http 1 127.0.0.1` }
    expect((await signIn('127.0.0.2', 'correct-horse-battery', forged)).status, 'whatever it says').toBe(429)
    expect((await signIn('127.0.0.1', 'correct-horse-battery')).status, 'the owner does not').toBe(200)
    const named = { 'x-forwarded-for': '127.0.0.1' }
    expect((await signIn('127.0.0.9', 'correct-horse-battery', named)).status).toBe(200)
  })

  it('signs in with a cookie that works on every worker', async () => {
    const signedIn = await signIn('127.0.0.1', 'correct-horse-battery')
    const [cookie = ''] = signedIn.headers['set-cookie'] ?? []
    const me = () => from('127.0.0.1', '/admin/me', { headers: { cookie: cookie.split(';')[0] ?? '' } })
    const answers = await Promise.all(Array.from({ length: 12 }, me))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  })

  it('gets metrics as a scraper of this machine, but not through a proxy', async () => {
    expect((await from('127.0.0.1', '/metrics')).status).toBe(200)
    expect(
      (await from('127.0.0.1', '/metrics', { headers: { 'x-forwarded-for': '198.51.100.1' } })).status,
    ).toBe(401)
  })

  it('has its own X-Request-Id, HEAD without a body, and headers as on one worker', async () => {
    const head = await from('127.0.0.1', '/health', { method: 'HEAD', headers: { 'x-request-id': 'mine-1' } })
    expect([head.status, head.body, head.headers['x-request-id']]).toEqual([200, '', 'mine-1'])
    expect(head.headers['x-content-type-options']).toBe('nosniff')
    expect(head.headers['x-apigate-relay']).toBeUndefined()
  })
})

describe('bodies', () => {
  const token = () => ({ authorization: `Bearer ${house.token}`, 'content-type': 'application/json' })

  it.each(['with a length', 'in chunks'])(
    'of 1 MiB pass and larger ones are told so, sent %s',
    async (how) => {
      const send = (bytes: number) => {
        const text = JSON.stringify({ name: `of ${bytes} ${how}`, description: 'y'.repeat(bytes) })
        const headers: Record<string, string> =
          how === 'in chunks' ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(text.length) }
        return from('127.0.0.1', '/api/plans', {
          method: 'POST',
          headers: { ...token(), ...headers },
          body: text,
        })
      }
      expect((await send(1_000_000)).status).toBe(201)
      for (let round = 0; round < 10; round++) expect((await send(1_100_000)).status).toBe(413)
      expect((await send(8_000_000)).status).toBe(413)
    },
  )

  it('that come slowly arrive whole, after the 100 that was asked for', async () => {
    const client = await connectClient(house.running.port)
    const body = JSON.stringify({ name: 'slowly' })
    client.socket.write(
      `POST /api/plans HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${house.token}\r\nContent-Type: application/json\r\n` +
        `Content-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`,
    )
    await client.until(/^HTTP\/1\.1 100 Continue\r\n\r\n/)
    for (const letter of body) {
      client.socket.write(letter)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await client.until(/"slowly"/)).toContain('HTTP/1.1 201 Created')
  })

  it('that their client gives up in the middle change nothing, and hold nothing up', async () => {
    const client = await connectClient(house.running.port)
    client.socket.write(
      `POST /api/plans HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${house.token}\r\nContent-Type: application/json\r\n` +
        'Content-Length: 100\r\n\r\n{"name":"given-up"',
    )
    client.socket.destroy()
    expect((await house.api('GET', '/api/plans/given-up')).status).toBe(404)
  })
})

it('one connection may ask the gateway and the control plane in turns, in one write too', async () => {
  const { key } = await makeCustomer(house)
  const client = await connectClient(house.running.port)
  const gateway = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\nX-API-Key: ${key}\r\n\r\n`
  const control = 'GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n'
  client.socket.write(gateway('/one') + control + gateway('/two') + control)
  const text = await client.until(/(?:"ok":true.*"uptime".*){2}/s)
  expect(text.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(4)
  client.socket.write(gateway('/three'))
  await client.until(/(?:"ok":true.*){3}/s)
  expect(upstream.seen.map(({ url }) => url)).toEqual(['/one', '/two', '/three'])
  expect(house.servedBy().has('main'), 'all of it in the worker').toBe(false)
})

describe('the private socket', () => {
  const path = () => join(house.dataDirectory, 'relay.sock')

  it('is for the own user alone, and answers nobody who does not know the secret of this start', async () => {
    expect(statSync(path()).mode & 0o077).toBe(0)
    for (const relay of [undefined, 'x', `${'0'.repeat(64)} http 1 127.0.0.1`]) {
      const socket = connect(path())
      await once(socket, 'connect')
      const line = relay === undefined ? '' : `X-Apigate-Relay: ${relay}\r\n`
      socket.write(`GET /metrics HTTP/1.1\r\nHost: a\r\n${line}\r\n`)
      let received = ''
      socket.setEncoding('utf8').on('data', (text: string) => {
        received += text
      })
      await once(socket, 'close')
      expect(received).toBe('')
    }
  })

  it('is gone when the instance has stopped', async () => {
    const other = await startWorkers(2)
    expect(readdirSync(other.dataDirectory)).toContain('relay.sock')
    const { dataDirectory, token } = other
    await other.running.close()
    expect(readdirSync(dataDirectory)).not.toContain('relay.sock')
    const again = await startWorkers(2, { token, overrides: { dataDirectory } })
    expect((await ask(`${again.url}/health`, ''))?.status).toBe(200)
    await again.close()
    rmSync(dataDirectory, { recursive: true })
  })
})
