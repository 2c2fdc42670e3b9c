import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** The header by which a gateway thread tells the main thread whose request it passes on. */
export const relayHeader = 'x-apigate-relay'

/** Whose request it is: the address of the peer, and whether it came by TLS. */
export interface RelayedPeer {
  readonly address: string
  readonly port: number
  readonly isSecure: boolean
}

/** The value of the header for a request. */
export function relayValue(secret: string, { socket }: IncomingMessage): string {
  const scheme = 'encrypted' in socket ? 'https' : 'http'
  return `${secret} ${scheme} ${socket.remotePort ?? 0} ${socket.remoteAddress ?? '-'}`
}

/** Reads it; undefined when it was not written by a thread of ours. */
export function relayedPeer(secret: string, value: unknown): RelayedPeer | undefined {
  if (typeof value !== 'string') return undefined
  const [shown = '', scheme, port = '', address = ''] = value.split(' ')
  const given = Buffer.from(shown)
  const wanted = Buffer.from(secret)
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined
  return { address: address === '-' ? '' : address, port: Number(port), isSecure: scheme === 'https' }
}
