import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  constants,
  Http2ServerRequest,
  Http2ServerResponse,
  type IncomingHttpHeaders,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { TLSSocket } from 'node:tls'
import type { ServerLimits } from './door.ts'
import { readHttp2Head } from './http2-fields.ts'
import { Http2Inbound } from './http2-inbound.ts'

/** HTTP/2 on connections that were accepted elsewhere. */
export interface Http2Server {
  take(socket: TLSSocket): void
  /** Lets every connection finish what is under way, and take nothing new. */
  drain(): void
  destroyAll(): void
}

/** What it needs. */
export interface Http2ServerDeps {
  readonly limits: ServerLimits
  readonly belongsToControl: (target: string) => boolean
  readonly control: (request: IncomingMessage, response: ServerResponse, expectsContinue: boolean) => void
  readonly onRequest: (inbound: Http2Inbound) => void
  readonly onOver: (inbound: Http2Inbound) => void
  readonly onFailure: (inbound: Http2Inbound, error: unknown) => void
}

/** Streams of one client at a time. */
const mostStreams = 100
/** Streams that a client may give up at once, and then a second; more end its connection. */
const mostResets = 100
const resetsPerSecond = 20

/** Creates it. */
export function createHttp2Server(deps: Http2ServerDeps): Http2Server {
  const { limits } = deps
  const sessions = new Set<ServerHttp2Session>()
  const options = {
    maxHeaderListPairs: 200,
    settings: { maxConcurrentStreams: mostStreams, maxHeaderListSize: limits.maxHeadBytes },
    streamResetBurst: mostResets,
    streamResetRate: resetsPerSecond,
  }

  function onStream(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    rawHeaders: readonly string[],
    remoteAddress: string,
  ): void {
    stream.on('error', () => {
      // A close follows, and says it all.
    })
    const hasRequestEnded = stream.readableEnded || stream.endAfterHeaders
    const given = readHttp2Head(rawHeaders, hasRequestEnded)
    if (given.head.ok && given.method !== 'CONNECT' && deps.belongsToControl(given.target)) {
      const request = new Http2ServerRequest(stream, headers, {}, rawHeaders)
      const response = new Http2ServerResponse(stream)
      // The interface of both is that of HTTP/1.1.
      deps.control(
        request as unknown as IncomingMessage,
        response as unknown as ServerResponse,
        given.head.expectsContinue,
      )
      return
    }
    const { onFailure } = deps
    const facts = { remoteAddress, silenceMs: limits.bodySilenceMs, hasRequestEnded, onFailure }
    const inbound = new Http2Inbound(stream, given, facts)
    stream.once('close', () => deps.onOver(inbound))
    deps.onRequest(inbound)
  }

  return {
    take(socket) {
      const address = socket.remoteAddress ?? ''
      const remoteAddress = address.startsWith('::ffff:') ? address.slice(7) : address
      const session = performServerHandshake(socket, options)
      let open = 0
      sessions.add(session)
      session.on('error', () => session.destroy())
      session.on('close', () => sessions.delete(session))
      session.setTimeout(limits.keepAliveTimeoutMs, () => {
        if (open === 0) session.close()
      })
      session.on('stream', (stream, headers, _flags, rawHeaders: string[]) => {
        open++
        stream.once('close', () => open--)
        onStream(stream, headers, rawHeaders, remoteAddress)
      })
    },
    drain() {
      for (const session of sessions) session.close()
    },
    destroyAll() {
      for (const session of sessions) session.destroy(undefined, constants.NGHTTP2_NO_ERROR)
    },
  }
}
