import type { Socket } from 'node:net'
import { createSecureContext, createServer, type SecureContext, type TLSSocket } from 'node:tls'
import type { Certificate, CertificateSource } from '#ports/certificates.ts'

/** What stands before the other doors where the port speaks HTTPS. */
export interface TlsDoor {
  /** Takes a connection that was accepted with `pauseOnConnect`. */
  admit(socket: Socket): void
}

/** What it needs. */
export interface TlsDoorDeps {
  readonly certificates: CertificateSource
  /** Longest time until the handshake is done. */
  readonly handshakeTimeoutMs: number
  readonly onHttp1: (socket: TLSSocket) => void
  readonly onHttp2: (socket: TLSSocket) => void
  /** The whole answer to a client that does not speak TLS. */
  readonly plainAnswer: () => string
}

const handshakeRecord = 0x16

/** Creates it: TLS 1.2 or newer, HTTP/2 or HTTP/1.1 as the client likes. */
export function createTlsDoor(deps: TlsDoorDeps): TlsDoor {
  const { certificates, handshakeTimeoutMs } = deps
  const contexts = new WeakMap<Certificate, SecureContext>()
  const contextFor = (serverName: string | undefined): SecureContext | undefined => {
    const certificate = certificates.find(serverName)
    if (certificate === undefined) return undefined
    let context = contexts.get(certificate)
    if (context === undefined) {
      context = createSecureContext({ cert: certificate.chain, key: certificate.key, minVersion: 'TLSv1.2' })
      contexts.set(certificate, context)
    }
    return context
  }
  let shown: Certificate | undefined
  const server = createServer({
    ALPNProtocols: ['h2', 'http/1.1'],
    allowHalfOpen: true,
    handshakeTimeout: handshakeTimeoutMs,
    minVersion: 'TLSv1.2',
    SNICallback: (serverName, done) => done(null, contextFor(serverName)),
  })
  server.on('secureConnection', (socket) => {
    socket.setNoDelay(true)
    if (socket.alpnProtocol === 'h2') deps.onHttp2(socket)
    else deps.onHttp1(socket)
  })
  server.on('tlsClientError', (_error, socket) => socket.destroy())

  function begin(socket: Socket): void {
    const certificate = certificates.find(undefined)
    if (certificate !== undefined && certificate !== shown) {
      // For clients that ask for no name.
      server.setSecureContext({ cert: certificate.chain, key: certificate.key, minVersion: 'TLSv1.2' })
      shown = certificate
    }
    server.emit('connection', socket)
  }

  return {
    admit(socket) {
      const end = (): void => void socket.destroy()
      socket.setTimeout(handshakeTimeoutMs, end)
      socket.on('error', end).once('end', end)
      socket.once('data', (bytes: Buffer) => {
        socket.pause()
        socket.setTimeout(0).off('timeout', end).off('error', end).off('end', end)
        if (bytes[0] !== handshakeRecord) {
          socket.on('error', end)
          socket.end(deps.plainAnswer())
          socket.resume()
          socket.setTimeout(2_000, end)
          return
        }
        socket.unshift(bytes)
        begin(socket)
      })
      socket.resume()
    },
  }
}
