import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { lingerAtEnd } from '#gateway/downstream/linger.ts'
import type { ControlHandler } from '#gateway/server.ts'
import { serverLimits } from '../open-door.ts'
import type { RelayAddress } from './messages.ts'
import { type RelayedPeer, relayedPeer, relayHeader } from './relay-header.ts'

/** The longest path that every system takes for a socket. */
const mostPathBytes = 100
/** What the relay adds to a head that was not too large. */
const roomForHeader = 1_024

/** Where the main thread answers what its gateway threads pass on. */
export interface RelayServer {
  readonly address: RelayAddress
  close(): Promise<void>
}

/**
 * Listens on a socket that only this user can open, and believes only who shows the secret of this start: what a request says of its
 * peer is taken as if the peer had connected here.
 */
export async function openRelayServer(dataDirectory: string, control: ControlHandler): Promise<RelayServer> {
  const secret = randomBytes(32).toString('hex')
  const server = createServer({
    maxHeaderSize: serverLimits.maxHeadBytes + roomForHeader,
    requireHostHeader: false,
    requestTimeout: 0,
  })
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const peer = relayedPeer(secret, request.headers[relayHeader])
    if (peer === undefined) {
      request.socket.destroy()
      return
    }
    present(request, peer)
    control(request, response)
  }
  server.on('request', answer)
  server.on('upgrade', (request, socket, head) => {
    const peer = relayedPeer(secret, request.headers[relayHeader])
    if (peer === undefined || control.upgrade === undefined) {
      socket.destroy()
      return
    }
    present(request, peer)
    control.upgrade(request, socket, head)
  })
  server.on('connection', lingerAtEnd)

  const inside = join(dataDirectory, 'relay.sock')
  const path =
    Buffer.byteLength(inside) <= mostPathBytes
      ? inside
      : join(mkdtempSync(join(tmpdir(), 'apigate-')), 'relay.sock')
  // A process that was killed leaves its socket behind; the lock on the data directory says that it is nobody's.
  rmSync(path, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  chmodSync(path, 0o600)

  return {
    address: { path, secret },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          if (path !== inside) rmSync(dirname(path), { recursive: true, force: true })
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}

/** Makes a request look as if its peer had sent it here. */
function present(request: IncomingMessage, { address, port, isSecure }: RelayedPeer): void {
  const { socket, rawHeaders } = request
  Object.defineProperty(socket, 'remoteAddress', { value: address, configurable: true })
  Object.defineProperty(socket, 'remotePort', { value: port, configurable: true })
  if (isSecure) Object.defineProperty(socket, 'encrypted', { value: true, configurable: true })
  delete request.headers[relayHeader]
  for (let index = rawHeaders.length - 2; index >= 0; index -= 2)
    if (rawHeaders[index]?.toLowerCase() === relayHeader) rawHeaders.splice(index, 2)
}
