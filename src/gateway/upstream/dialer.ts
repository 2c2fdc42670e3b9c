import { connect as connectTcp, isIP, type OnReadOpts, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'

/** Opens connections to one origin. */
export interface Dialer {
  /** The event of the socket after which requests may be sent. */
  readonly readyEvent: 'connect' | 'secureConnect'
  /** Starts a connection whose bytes go to `onread`. */
  dial(onread: OnReadOpts): Socket
}

/** A dialer for the origin of an http or https URL; TLS verifies the certificate against the host and resumes sessions. */
export function createDialer(baseUrl: string, tls: ConnectionOptions = {}): Dialer {
  const url = new URL(baseUrl)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (url.protocol === 'http:') {
    const port = Number(url.port || 80)
    return {
      readyEvent: 'connect',
      dial: (onread) => connectTcp({ host, port, onread, noDelay: true }),
    }
  }
  if (url.protocol !== 'https:') throw new RangeError(`an upstream speaks http or https, not ${url.protocol}`)
  const port = Number(url.port || 443)
  const servername = isIP(host) === 0 ? host : ''
  let session: Buffer | undefined
  const dial = (onread: OnReadOpts): Socket => {
    const options = {
      rejectUnauthorized: true,
      ALPNProtocols: ['http/1.1'],
      servername,
      ...tls,
      host,
      port,
      onread,
    }
    const socket = connectTls(session === undefined ? options : { ...options, session })
    socket.setNoDelay(true)
    socket.on('session', (latest: Buffer) => {
      session = latest
    })
    return socket
  }
  return { readyEvent: 'secureConnect', dial }
}
