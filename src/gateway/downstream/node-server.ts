import { createServer, type IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { refuse } from '#contract/outcome.ts'
import { unreadableAnswer } from '../refuse.ts'
import type { ServerLimits } from './door.ts'
import { lingerAtEnd } from './linger.ts'

/** Takes a connection that leaves HTTP. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** Answers one request of a handed-over connection. */
export type NodeListener = (
  request: IncomingMessage,
  response: ServerResponse,
  expectsContinue: boolean,
) => void

/** A server of Node that has no port of its own: it lives on the connections that are handed over to it. */
export interface NodeServer {
  /** Takes a socket for good, with the bytes that were already read from it. */
  take(socket: Socket, bytes: Buffer): void
  closeIdle(): void
  destroyAll(): void
}

/** Creates it; what it cannot read is answered like everywhere else. */
export function createNodeServer(
  listener: NodeListener,
  limits: ServerLimits,
  newRequestId: () => string,
  upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean,
): NodeServer {
  const server = createServer({
    maxHeaderSize: limits.maxHeadBytes,
    headersTimeout: limits.headTimeoutMs,
    requestTimeout: 0,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: Math.min(1_000, limits.headTimeoutMs),
    // The pipeline checks it, and answers with our error body.
    requireHostHeader: false,
  })
  const take = (socket: Socket, bytes: Buffer): void => {
    lingerAtEnd(socket)
    socket.pause()
    socket.unshift(bytes)
    server.emit('connection', socket)
    socket.resume()
  }
  server.on('request', (request, response) => listener(request, response, false))
  server.on('checkContinue', (request, response) => listener(request, response, true))
  server.on('upgrade', (request, socket, head) => {
    if (!upgrade(request, socket, head))
      answerWithoutUpgrade(request, socket as Socket, listener, () => take(socket as Socket, head))
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (!socket.writable || socket.bytesWritten > 0) socket.destroy()
    else socket.end(unreadableAnswer(refusalOf(error.code), newRequestId(), 'encrypted' in socket))
  })
  // Node begins to watch the head timeout of connections when a server listens.
  server.emit('listening')

  return {
    take,
    closeIdle: () => server.closeIdleConnections(),
    destroyAll() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** An upgrade may be passed over (RFC 9110 section 7.8): the request is answered like any other, and the connection goes on. */
function answerWithoutUpgrade(
  request: IncomingMessage,
  socket: Socket,
  listener: NodeListener,
  goOn: () => void,
): void {
  const response = new ServerResponse(request)
  response.assignSocket(socket)
  response.on('finish', () => {
    response.detachSocket(socket)
    if (response.shouldKeepAlive) goOn()
    else socket.destroySoon()
  })
  listener(request, response, false)
}

function refusalOf(reason: string | undefined) {
  if (reason === 'ERR_HTTP_REQUEST_TIMEOUT')
    return refuse('request_timeout', 'The request head did not arrive in time')
  if (reason === 'HPE_HEADER_OVERFLOW') return refuse('headers_too_large', 'The request head is too large')
  return refuse('invalid_request', 'The request is malformed')
}
