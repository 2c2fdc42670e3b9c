import { readFileSync } from 'node:fs'
import { connect, type IncomingHttpHeaders } from 'node:http2'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { makeRoute } from '#test/support/customer.ts'
import { connectClient } from '#test/support/gateway-server.ts'
import { startRawUpstream } from '#test/support/raw-upstream.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'

const fixture = (name: string): string =>
  new URL(`../fixtures/upstream-tls/${name}`, import.meta.url).pathname
const ca = readFileSync(fixture('certificate.pem'))

let house: TestHouse
let paths = 0
beforeAll(async () => {
  house = await startHouse()
})
afterAll(() => house.close())

/** What may go on, and everything that must not; the same for requests and answers. */
const mixed = [
  'X-Checksum: abc',
  'grpc-status: 0',
  'Content-Length: 3',
  'Transfer-Encoding: chunked',
  'Host: evil',
  'Authorization: Bearer x',
  'Cookie: a=1',
  'Set-Cookie: a=1',
  'Content-Type: text/html',
  'Cache-Control: no-store',
  'X-Request-Id: forged',
  'TE: trailers',
  'Trailer: X-Checksum',
  'Connection: close',
]
const block = (lines: readonly string[]): string => lines.map((line) => `${line}\r\n`).join('')
const kept = 'X-Checksum: abc\r\ngrpc-status: 0\r\n'

/** A route to an upstream that reads a chunked body to its end, and answers this. */
async function upstreamWith(answer: string, on: TestHouse = house) {
  let body = ''
  const upstream = await startRawUpstream((socket, head, _turn, _connection, rest) => {
    body = rest.toString('latin1')
    const reply = (): void => {
      if (!/transfer-encoding/i.test(head) || /(^|\r\n)0\r\n(.+\r\n)*\r\n$/.test(body)) socket.write(answer)
    }
    socket.on('data', (bytes: Buffer) => {
      body += bytes.toString('latin1')
      reply()
    })
    reply()
  })
  const path = `/trailers-${++paths}`
  await makeRoute(on, upstream.url, { path_pattern: `${path}/*`, auth_required: false })
  return { path: `${path}/x`, upstream, body: () => body }
}

const plain = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const withTrailers = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Checksum\r\n\r\n2\r\nok\r\n0\r\n${block(mixed)}\r\n`

describe('trailers', () => {
  it('of a chunked request reach the upstream, without what may not stand there', async () => {
    const { path, body } = await upstreamWith(plain)
    const client = await connectClient(house.running.port)
    const also = ['X-User-ID: forged', 'X-API-Key: ak_x', 'X-Forwarded-For: 1.2.3.4', 'X_Key_ID: forged']
    client.socket.write(
      `POST ${path} HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n${block([...mixed, ...also])}\r\n`,
    )
    expect(await client.until(/ok$/)).toMatch(/^HTTP\/1\.1 200/)
    expect(body().slice(body().indexOf('0\r\n'))).toBe(`0\r\n${kept}\r\n`)
  })

  it('of a chunked answer reach a client that says TE: trailers, which the upstream is told', async () => {
    const { path, upstream } = await upstreamWith(withTrailers)
    const client = await connectClient(house.running.port)
    client.socket.write(`GET ${path} HTTP/1.1\r\nHost: h\r\nTE: gzip, trailers\r\nConnection: TE\r\n\r\n`)
    const text = await client.until(/0\r\n(.*\r\n)*\r\n$/)
    expect(text.slice(text.lastIndexOf('\r\n0\r\n') + 2)).toBe(`0\r\n${kept}\r\n`)
    expect(upstream.heads[0]?.text).toContain('TE: trailers\r\nConnection: TE\r\n')
    client.socket.write(`GET ${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`)
    await client.ended()
    expect(client.text()).toMatch(/ok\r\n0\r\n\r\n$/)
    expect(upstream.heads[1]?.text).not.toContain('TE:')
  })

  it('travel both ways over HTTP/2', async () => {
    const secure = await startHouse({
      env: { APIGATE_TLS_CERT: fixture('certificate.pem'), APIGATE_TLS_KEY: fixture('key.pem') },
      ca,
    })
    const { path, body } = await upstreamWith(withTrailers, secure)
    const session = connect(secure.url, { ca, servername: 'localhost' })
    onTestFinished(() => session.destroy())
    const stream = session.request(
      { ':method': 'POST', ':path': path, te: 'trailers' },
      { waitForTrailers: true },
    )
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-checksum': 'abc', 'x-user-id': 'forged' }))
    let trailers: IncomingHttpHeaders = {}
    stream.on('trailers', (given) => {
      trailers = given
    })
    stream.resume().end('hi')
    await new Promise((resolve) => stream.on('close', resolve))
    expect(body()).toBe('2\r\nhi\r\n0\r\nx-checksum: abc\r\n\r\n')
    expect(Object.entries(trailers)).toEqual([
      ['x-checksum', 'abc'],
      ['grpc-status', '0'],
    ])
    const second = session.request({ ':path': path, te: 'trailers' })
    let text = ''
    second.setEncoding('utf8').on('data', (more) => {
      text += more
    })
    await new Promise((resolve) => second.on('close', resolve))
    expect(text).toBe('ok')
    session.close()
    await secure.close()
  })
})
