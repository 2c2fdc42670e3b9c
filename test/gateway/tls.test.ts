import { once } from 'node:events'
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openCertificateFiles } from '#adapters/tls/certificate-files.ts'
import { askOverTls } from '#test/support/ask-over-tls.ts'
import { makeCustomer, makeRoute } from '#test/support/customer.ts'
import { connectClient } from '#test/support/gateway-server.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'
import { startUpstream, type Upstream } from '#test/support/upstream.ts'
import { openWebSocket } from '#test/support/web-socket.ts'
import { agreement, echoFrames, startWebSocketUpstream } from '#test/support/web-socket-upstream.ts'

const fixture = (name: string): string =>
  new URL(`../fixtures/upstream-tls/${name}`, import.meta.url).pathname
const other = (name: string): string => new URL(`../fixtures/other-tls/${name}`, import.meta.url).pathname
const ca = readFileSync(fixture('certificate.pem'))

let house: TestHouse
let upstream: Upstream
beforeAll(async () => {
  upstream = await startUpstream()
  house = await startHouse({
    env: {
      APIGATE_TLS_CERT: `${fixture('certificate.pem')},${other('certificate.pem')}`,
      APIGATE_TLS_KEY: `${fixture('key.pem')},${other('key.pem')}`,
    },
    ca,
  })
  await makeRoute(house, upstream.url, { path_pattern: '/open/*', auth_required: false })
})
afterAll(async () => {
  await house.close()
  await upstream.close()
})
beforeEach(() => {
  upstream.seen.length = 0
})

async function handshake(options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connectTls({
    host: '127.0.0.1',
    port: house.running.port,
    servername: 'localhost',
    ca,
    ...options,
  })
  await once(socket, 'secureConnect')
  return socket
}

const ask = (path: string): Promise<Response> => askOverTls(`${house.url}${path}`, { ca })

describe('a port with a certificate', () => {
  it('tells operators which certificates it serves and until when, and never a private key', async () => {
    const { body } = await house.api('GET', '/admin/certificates')
    expect(body.data.map(({ source }: { source: string }) => source)).toEqual([
      fixture('certificate.pem'),
      other('certificate.pem'),
    ])
    expect(body.data[0].names).toContain('localhost')
    expect(Date.parse(body.data[0].valid_to)).toBeGreaterThan(Date.parse(body.data[0].valid_from))
    expect(JSON.stringify(body)).not.toContain('PRIVATE')
  })

  it('answers gateway and control plane over HTTP/1.1, tells upstreams https, and sends HSTS', async () => {
    expect(house.url).toMatch(/^https:/)
    const answer = await ask('/open/x')
    expect([answer.status, await answer.text()]).toEqual([200, '{"ok":true}'])
    expect(upstream.seen[0]?.headers).toMatchObject({ 'x-forwarded-proto': 'https' })
    const health = await ask('/health')
    expect(health.status).toBe(200)
    expect(health.headers.get('strict-transport-security')).toBe('max-age=31536000')
  })

  it('keeps connections, pipelines, and moves from the gateway to the control plane on one of them', async () => {
    const socket = await handshake()
    let text = ''
    socket.on('data', (bytes) => {
      text += bytes
    })
    const get = (path: string, extra = '') => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${extra}\r\n`
    socket.write(get('/open/1') + get('/open/2') + get('/health', 'Connection: close\r\n'))
    await once(socket, 'close')
    expect(upstream.seen.map(({ url }) => url)).toEqual(['/open/1', '/open/2'])
    expect(text.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(3)
  })

  it('speaks TLS 1.2 and newer, nothing older', async () => {
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const socket = await handshake({ minVersion: version, maxVersion: version })
      expect(socket.getProtocol()).toBe(version)
      socket.destroy()
    }
    const old = connectTls({
      host: '127.0.0.1',
      port: house.running.port,
      ca,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    })
    const [error] = await once(old, 'error')
    expect(error).toBeInstanceOf(Error)
  })

  it('shows the certificate of the name that is asked for, and the first to everybody else', async () => {
    for (const [servername, name] of [
      ['localhost', 'localhost'],
      ['other.example', 'other.example'],
      ['unknown.example', 'localhost'],
      ['', 'localhost'],
    ]) {
      const socket = await handshake({ servername: servername ?? '', rejectUnauthorized: false })
      expect([servername, socket.getPeerCertificate().subject.CN]).toEqual([servername, name])
      socket.destroy()
    }
  })

  it('tells a client that speaks plain HTTP what it is, and ends the connection', async () => {
    const client = await connectClient(house.running.port)
    client.socket.write('GET /open/x HTTP/1.1\r\nHost: h\r\n\r\n')
    const text = await client.ended()
    expect(text).toMatch(/^HTTP\/1\.1 400 /)
    expect(text).toContain('This port speaks HTTPS')
    expect(upstream.seen).toEqual([])
  })

  it('carries WebSockets', async () => {
    const ws = await startWebSocketUpstream(agreement, (socket) => void echoFrames(socket))
    await makeRoute(house, ws.url, { path_pattern: '/ws-chat/*', protocol: 'websocket' })
    const { key } = await makeCustomer(house)
    const opened = await openWebSocket(`${house.url}/ws-chat/x`, { 'X-API-Key': key }, { tls: { ca } })
    expect(opened.status).toBe(101)
    opened.ws.sendText('through TLS')
    expect(await opened.ws.nextText()).toBe('through TLS')
  })
})

it('a port without a certificate refuses a TLS client at once', async () => {
  const plain = await startHouse()
  const socket = connectTls({ host: '127.0.0.1', port: plain.running.port })
  const [error] = await once(socket, 'error')
  expect(error).toBeInstanceOf(Error)
  await plain.close()
})

describe('certificate files', () => {
  const quiet = { info() {}, error() {} }

  it('are taken over when they change, while a broken one leaves the old in place', () => {
    const folder = mkdtempSync(join(tmpdir(), 'apigate-tls-'))
    const paths = { certificate: join(folder, 'certificate.pem'), key: join(folder, 'key.pem') }
    const put = (from: (name: string) => string): void => {
      copyFileSync(from('certificate.pem'), paths.certificate)
      copyFileSync(from('key.pem'), paths.key)
    }
    put(fixture)
    const errors: object[] = []
    const files = openCertificateFiles([paths], { ...quiet, error: (fields) => errors.push(fields) })
    const first = files.find('localhost')
    files.refresh()
    expect(files.find('localhost')).toBe(first)
    copyFileSync(other('certificate.pem'), paths.certificate)
    files.refresh()
    expect(files.find('localhost')).toBe(first)
    expect(errors).toHaveLength(1)
    put(other)
    files.refresh()
    expect(files.find('localhost')?.chain).toBe(readFileSync(other('certificate.pem'), 'utf8'))
    files.close()
    rmSync(folder, { recursive: true })
  })

  it('that are missing, no PEM, or no pair are refused with the variable at fault', () => {
    const certificate = fixture('certificate.pem')
    const key = fixture('key.pem')
    expect(() => openCertificateFiles([{ certificate: '/nowhere', key }], quiet)).toThrow(/^APIGATE_TLS_CERT/)
    expect(() => openCertificateFiles([{ certificate, key: certificate }], quiet)).toThrow(/^APIGATE_TLS_KEY/)
    expect(() => openCertificateFiles([{ certificate, key: other('key.pem') }], quiet)).toThrow(
      /not the key of/,
    )
  })
})
