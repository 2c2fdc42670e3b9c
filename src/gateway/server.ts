import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { isReservedPath } from '#contract/reserved.ts'
import type { Metrics } from '#ports/metrics.ts'
import type { BodyListener, Inbound } from './inbound.ts'
import { answerUnreadable } from './refuse.ts'

/** Limits of the listening side. */
export interface ServerLimits {
  /** Longest request head, in bytes. */
  readonly maxHeadBytes: number
  /** Longest time for the head to arrive. */
  readonly headTimeoutMs: number
  /** How long an idle connection is kept. */
  readonly keepAliveTimeoutMs: number
  /** Longest silence of a client in the middle of its request body. */
  readonly bodySilenceMs: number
}

/** The door for traffic. */
export interface GatewayServer {
  readonly server: Server
  /** Proxied requests under way. */
  active(): number
  /** Answers what is under way, tells clients to close, takes nothing new; resolves when all is answered or time is up. */
  drain(deadlineMs: number): Promise<void>
}

/** What answers a reserved path: the control plane. */
export type ControlHandler = (request: IncomingMessage, response: ServerResponse) => void

/** Creates the HTTP/1.1 server: reserved paths go to the control plane, everything else through the pipeline. */
export function createGatewayServer(deps: {
  readonly handle: (inbound: Inbound) => void
  /** Undefined where nothing of the control plane answers on this port. */
  readonly control: ControlHandler | undefined
  /** True when a route claims the landing page's path. */
  readonly claimsRoot: () => boolean
  readonly metrics: Pick<Metrics, 'gatewayRequest'>
  readonly newRequestId: () => string
  readonly limits: ServerLimits
}): GatewayServer {
  const { limits, control } = deps
  const server = createServer({
    maxHeaderSize: limits.maxHeadBytes,
    headersTimeout: limits.headTimeoutMs,
    requestTimeout: 0,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: 1_000,
    noDelay: true,
    // The pipeline checks it, and answers with our error body.
    requireHostHeader: false,
  })
  let active = 0
  let isDraining = false
  let onIdle: (() => void) | undefined

  const listener = (expectsContinue: boolean) => (request: IncomingMessage, response: ServerResponse) => {
    if (control !== undefined && belongsToControl(request.url ?? '/', deps.claimsRoot)) {
      if (expectsContinue) response.writeContinue()
      control(request, response)
      return
    }
    active++
    if (isDraining) response.shouldKeepAlive = false
    response.on('close', () => {
      active--
      deps.metrics.gatewayRequest(response.headersSent ? response.statusCode : 499)
      if (active === 0) onIdle?.()
    })
    deps.handle(new NodeInbound(request, response, expectsContinue, limits.bodySilenceMs))
  }
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    answerUnreadable(socket, error.code, deps.newRequestId())
  })
  server.on('request', listener(false))
  server.on('checkContinue', listener(true))

  return {
    server,
    active: () => active,
    async drain(deadlineMs) {
      isDraining = true
      server.close()
      server.closeIdleConnections()
      if (active > 0) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, deadlineMs)
          onIdle = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      }
      server.closeAllConnections()
    },
  }
}

function belongsToControl(url: string, claimsRoot: () => boolean): boolean {
  const mark = url.indexOf('?')
  const path = mark === -1 ? url : url.slice(0, mark)
  return path === '/' ? !claimsRoot() : isReservedPath(path)
}

// A refused request may still be sending: small bodies are read to their end, larger ones end the connection.
const skippedBodyBytes = 65_536

// Up to here a body is cheaper to send joined to its head.
const joinedBodyBytes = 16_384

/** Node's request and response as the pipeline's Inbound. */
class NodeInbound implements Inbound {
  readonly method: string
  readonly httpVersion: string
  readonly target: string
  readonly rawHeaders: readonly string[]
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #expectsContinue: boolean
  readonly #bodySilenceMs: number
  #isReading = false

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    expectsContinue: boolean,
    bodySilenceMs: number,
  ) {
    this.#bodySilenceMs = bodySilenceMs
    this.#request = request
    this.#response = response
    this.#expectsContinue = expectsContinue
    this.method = request.method ?? 'GET'
    this.httpVersion = request.httpVersion
    this.target = request.url ?? '/'
    this.rawHeaders = request.rawHeaders
  }

  get remoteAddress(): string {
    const address = this.#request.socket.remoteAddress ?? ''
    return address.startsWith('::ffff:') ? address.slice(7) : address
  }

  get isSecure(): boolean {
    return 'encrypted' in this.#request.socket
  }

  readBody(listener: BodyListener): void {
    this.#isReading = true
    if (this.#expectsContinue) this.#response.writeContinue()
    this.#request.on('data', (chunk: Buffer) => {
      if (!listener.onData(chunk)) this.#request.pause()
    })
    const { socket } = this.#request
    socket.setTimeout(this.#bodySilenceMs)
    this.#request.on('timeout', () => {
      // Paused, it is the upstream that keeps us waiting.
      if (!this.#request.isPaused()) listener.onStall()
    })
    this.#request.on('end', () => {
      socket.setTimeout(0)
      listener.onEnd()
    })
  }

  resumeBody(): void {
    this.#request.resume()
  }

  onAbort(listener: () => void): void {
    this.#response.on('close', () => {
      if (!this.#response.writableFinished) listener()
    })
  }

  sendHead(status: number, reason: string, headers: string[]): void {
    if (this.#mayStillSend()) this.#response.shouldKeepAlive = false
    if (reason === '') this.#response.writeHead(status, headers)
    else this.#response.writeHead(status, reason, headers)
  }

  flushHead(): void {
    this.#response.flushHeaders()
  }

  write(chunk: Buffer): boolean {
    return this.#response.write(chunk)
  }

  onDrain(listener: () => void): void {
    this.#response.on('drain', listener)
  }

  end(chunk?: Buffer | string): void {
    if (chunk === undefined) this.#response.end()
    else if (typeof chunk === 'string') this.#response.end(chunk)
    else if (chunk.length > joinedBodyBytes) this.#response.end(chunk)
    // As a string, head and body leave in one write; as two buffers they would be gathered by the slower writev.
    else this.#response.end(chunk.toString('latin1'), 'latin1')
  }

  destroy(): void {
    this.#response.destroy()
  }

  #mayStillSend(): boolean {
    if (this.#request.complete) return false
    if (this.#isReading) return true
    const { headers } = this.#request
    return (
      headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > skippedBodyBytes
    )
  }
}
