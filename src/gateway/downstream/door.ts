import type { Socket } from 'node:net'
import type { Refusal } from '#contract/outcome.ts'
import { isReservedPath } from '#contract/reserved.ts'
import { unreadableAnswer } from '../refuse.ts'
import { ClientConnection } from './connection.ts'
import type { ConnectionOwner } from './connection-owner.ts'
import type { InboundRequest } from './inbound-request.ts'

/** Limits of the listening side. */
export interface ServerLimits {
  /** Longest request head, in bytes. */
  readonly maxHeadBytes: number
  /** Longest time for the head to arrive. */
  readonly headTimeoutMs: number
  /** How long an idle connection is kept. */
  readonly keepAliveTimeoutMs: number
  /** Longest silence of a client in the middle of its request body, or of one that does not read its answer. */
  readonly bodySilenceMs: number
}

/** What a door needs. */
export interface DoorDeps {
  readonly limits: ServerLimits
  /** True for a target that the control plane answers. */
  readonly belongsToControl: (target: string) => boolean
  /** Takes a socket over for good, with its bytes from the request on that is not for us. */
  readonly handOver: (socket: Socket, bytes: Buffer) => void
  readonly onRequest: (request: InboundRequest) => void
  readonly onOver: (request: InboundRequest) => void
  readonly onFailure: (request: InboundRequest, error: unknown) => void
  readonly newRequestId: () => string
}

const lingerMs = 2_000

/** The connections of one listening socket, and the one clock of all their deadlines: no timer for a request. */
export class Door implements ConnectionOwner {
  tick = 0
  isDraining = false
  readonly maxHeadBytes: number
  readonly headTicks: number
  readonly idleTicks: number
  readonly silenceTicks: number
  readonly lingerTicks: number
  readonly keptLines: string
  readonly onRequest: (request: InboundRequest) => void
  readonly onOver: (request: InboundRequest) => void
  readonly onFailure: (request: InboundRequest, error: unknown) => void

  private readonly deps: DoorDeps
  private readonly tickMs: number
  private readonly connections = new Set<ClientConnection>()
  private timer: NodeJS.Timeout | undefined = undefined
  private date = ''

  constructor(deps: DoorDeps) {
    const { headTimeoutMs, keepAliveTimeoutMs, bodySilenceMs } = deps.limits
    this.deps = deps
    this.onRequest = deps.onRequest
    this.onOver = deps.onOver
    this.onFailure = deps.onFailure
    this.maxHeadBytes = deps.limits.maxHeadBytes
    const shortestMs = Math.min(headTimeoutMs, keepAliveTimeoutMs, bodySilenceMs)
    this.tickMs = Math.max(10, Math.min(500, Math.floor(shortestMs / 4)))
    this.headTicks = this.ticksOf(headTimeoutMs)
    this.idleTicks = this.ticksOf(keepAliveTimeoutMs)
    this.silenceTicks = this.ticksOf(bodySilenceMs)
    this.lingerTicks = this.ticksOf(Math.min(lingerMs, bodySilenceMs))
    // A second less than it is kept, so that a client's next request never meets its closing half-way.
    const promisedSeconds = Math.floor(keepAliveTimeoutMs / 1_000) - 1
    this.keptLines = `Connection: keep-alive\r\n${promisedSeconds > 0 ? `Keep-Alive: timeout=${promisedSeconds}\r\n` : ''}\r\n`
  }

  /** Takes a new connection in. */
  admit(socket: Socket): void {
    this.timer ??= setInterval(() => this.sweep(), this.tickMs).unref()
    this.connections.add(new ClientConnection(this, socket))
  }

  /** Closes what is idle now, and from now on every connection after its answer. */
  drain(): void {
    this.isDraining = true
    for (const connection of this.connections) if (connection.isIdle) connection.close()
  }

  /** Ends every connection at once. */
  destroyAll(): void {
    for (const connection of this.connections) connection.destroy()
  }

  dateLine(): string {
    if (this.date === '') this.date = `Date: ${new Date().toUTCString()}\r\n`
    return this.date
  }

  isForeign(target: string): boolean {
    return this.deps.belongsToControl(target)
  }

  onForeign(connection: ClientConnection, socket: Socket, bytes: Buffer): void {
    this.onClosed(connection)
    this.deps.handOver(socket, bytes)
  }

  unreadable(refusal: Refusal, isSecure: boolean): string {
    return unreadableAnswer(refusal, this.deps.newRequestId(), isSecure)
  }

  onClosed(connection: ClientConnection): void {
    this.connections.delete(connection)
    if (this.connections.size > 0) return
    clearInterval(this.timer)
    this.timer = undefined
    this.date = ''
  }

  private sweep(): void {
    this.tick++
    this.date = ''
    for (const connection of this.connections) connection.check(this.tick)
  }

  /** Whole ticks that last at least so long, the one under way not counted. */
  private ticksOf(durationMs: number): number {
    return Math.ceil(durationMs / this.tickMs) + 1
  }
}

/** Paths outside the reserved ones at which the control plane has a page, unless a route claims them. */
const ownPages = new Set(['/', '/llms.txt'])

/** True when the path of a target is the control plane's; `/` and `/llms.txt` are, unless a route claims them. */
export function isControlTarget(target: string, claims: (path: string) => boolean): boolean {
  const mark = target.indexOf('?')
  const path = mark === -1 ? target : target.slice(0, mark)
  return ownPages.has(path) ? !claims(path) : isReservedPath(path)
}
