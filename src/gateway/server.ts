import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:net'
import { refuse } from '#contract/outcome.ts'
import type { CertificateSource } from '#ports/certificates.ts'
import type { Log } from '#ports/log.ts'
import type { Metrics } from '#ports/metrics.ts'
import { Door, isControlTarget, type ServerLimits } from './downstream/door.ts'
import { createHttp2Server } from './downstream/http2-server.ts'
import { NodeInbound } from './downstream/node-inbound.ts'
import { createNodeServer, type UpgradeHandler } from './downstream/node-server.ts'
import { createTlsDoor } from './downstream/tls-door.ts'
import type { Inbound } from './inbound.ts'
import { answerRefusal, unreadableAnswer } from './refuse.ts'

/** The door for traffic. */
export interface GatewayServer {
  readonly server: Server
  /** Proxied requests under way. */
  active(): number
  /** Answers what is under way, tells clients to close, takes nothing new; resolves when all is answered or time is up. */
  drain(deadlineMs: number): Promise<void>
}

/** What answers a reserved path: the control plane. */
export interface ControlHandler {
  (request: IncomingMessage, response: ServerResponse): void
  /** Takes a connection that leaves HTTP, with the bytes that came after the request. */
  readonly upgrade?: UpgradeHandler
}

/** What the server needs. */
export interface GatewayServerDeps {
  /** A promise where the request has to wait before it is decided on. */
  readonly handle: (inbound: Inbound) => Promise<void> | undefined
  /** Undefined where nothing of the control plane answers on this port. */
  readonly control: ControlHandler | undefined
  /** True when a route claims the path of a page that is the control plane's otherwise. */
  readonly claims: (path: string) => boolean
  /** Ends the connections that have left HTTP; resolves when all are gone or time is up. */
  readonly drainUpgraded: (deadlineMs: number) => Promise<void>
  readonly metrics: Pick<Metrics, 'gatewayRequest'>
  readonly newRequestId: () => string
  /** Makes the port speak HTTPS, and nothing else. */
  readonly certificates?: CertificateSource
  readonly log: Pick<Log, 'error'>
  readonly limits: ServerLimits
  /** Told with every change how many requests are under way. */
  readonly onActive?: (active: number) => void
}

/** How long the other side of an upgraded connection has to answer our goodbye. */
const goodbyeMs = 3_000

/**
 * Creates the HTTP/1.1 server. Every connection begins at the door, which reads requests for the pipeline. With the first
 * request that is none of these (a reserved path) the connection moves to a server of Node for good. With certificates the same is
 * found behind TLS, and HTTP/2 beside it.
 */
export function createGatewayServer(deps: GatewayServerDeps): GatewayServer {
  const { limits, control } = deps
  let active = 0
  let onIdle: (() => void) | undefined

  const begin = (inbound: Inbound): void => {
    active++
    deps.onActive?.(active)
    try {
      deps.handle(inbound)?.catch((error: unknown) => fail(inbound, error))
    } catch (error) {
      fail(inbound, error)
    }
  }
  const over = (status: number): void => {
    active--
    deps.onActive?.(active)
    deps.metrics.gatewayRequest(status === 0 ? 499 : status)
    if (active === 0) onIdle?.()
  }
  const fail = (inbound: Inbound, error: unknown): void => {
    const requestId = deps.newRequestId()
    deps.log.error({ error, request_id: requestId }, 'the gateway failed on a request')
    if (inbound.isAnswered) inbound.destroy()
    else answerRefusal(inbound, refuse('internal_error', 'Something failed on our side'), requestId)
  }
  const belongsToControl = (target: string): boolean =>
    control !== undefined && isControlTarget(target, deps.claims)

  const node = createNodeServer(
    (request, response, expectsContinue) => {
      if (control !== undefined && belongsToControl(request.url ?? '/')) {
        if (expectsContinue) response.writeContinue()
        control(request, response)
        return
      }
      if (door.isDraining) response.shouldKeepAlive = false
      response.on('close', () => over(response.headersSent ? response.statusCode : 0))
      begin(new NodeInbound(request, response, expectsContinue, limits.bodySilenceMs))
    },
    limits,
    deps.newRequestId,
    (request, socket, head) => {
      if (control?.upgrade === undefined || !belongsToControl(request.url ?? '/')) return false
      control.upgrade(request, socket, head)
      return true
    },
  )
  const door = new Door({
    limits,
    belongsToControl,
    handOver: node.take,
    onRequest: begin,
    onOver: (request) => over(request.status),
    onFailure(request, error) {
      // What it holds is given back, and its upstream is told, before anything is answered.
      try {
        request.watcher?.onAbort()
      } finally {
        fail(request, error)
      }
    },
    newRequestId: deps.newRequestId,
  })
  const http2 = createHttp2Server({
    limits,
    belongsToControl,
    control(request, response, expectsContinue) {
      if (expectsContinue) response.writeContinue()
      control?.(request, response)
    },
    onRequest: begin,
    onOver: (inbound) => over(inbound.status),
    onFailure(inbound, error) {
      try {
        inbound.abandon()
      } finally {
        fail(inbound, error)
      }
    },
  })
  const secure =
    deps.certificates === undefined
      ? undefined
      : createTlsDoor({
          certificates: deps.certificates,
          handshakeTimeoutMs: limits.headTimeoutMs,
          onHttp1: (socket) => door.admit(socket),
          onHttp2: http2.take,
          plainAnswer: () =>
            unreadableAnswer(refuse('invalid_request', 'This port speaks HTTPS'), deps.newRequestId(), false),
        })
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (socket) => {
    if (secure === undefined) door.admit(socket)
    else secure.admit(socket)
  })

  return {
    server,
    active: () => active,
    async drain(deadlineMs) {
      server.close()
      door.drain()
      node.closeIdle()
      http2.drain()
      const upgraded = deps.drainUpgraded(Math.min(deadlineMs, goodbyeMs))
      if (active > 0) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, deadlineMs)
          onIdle = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      }
      await upgraded
      door.destroyAll()
      node.destroyAll()
      http2.destroyAll()
    },
  }
}
