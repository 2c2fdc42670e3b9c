import { Connection, type ConnectionOwner } from './connection.ts'
import { createDialer, type Dialer } from './dialer.ts'
import { Exchange } from './exchange.ts'
import { requestHead } from './request-head.ts'
import type {
  UpstreamExchange,
  UpstreamListener,
  UpstreamPool,
  UpstreamPoolOptions,
  UpstreamRequest,
} from './types.ts'

/** One clock for all deadlines of a pool: no timer for a request, and none at all without connections. */
const tickMs = 50

/** Keep-alive connections to the origin of `baseUrl`; the most recently used is used first. Throws for a URL that is no origin. */
export function createUpstreamPool(options: UpstreamPoolOptions): UpstreamPool {
  return new Pool(options)
}

class Pool implements UpstreamPool, ConnectionOwner {
  tick = 0

  private readonly dialer: Dialer
  private readonly maxIdle: number
  private readonly idleTicks: number
  private readonly connectTicks: number
  private readonly maxHeadBytes: number
  private readonly connections = new Set<Connection>()
  private readonly idle: Connection[] = []
  private timer: NodeJS.Timeout | undefined
  private isClosing = false

  constructor(options: UpstreamPoolOptions) {
    this.dialer = createDialer(options.baseUrl, options.tls)
    this.maxIdle = options.maxIdleConns
    this.idleTicks = ticksOf(options.idleConnTimeoutMs)
    this.connectTicks = ticksOf(options.connectTimeoutMs ?? 10_000)
    this.maxHeadBytes = options.maxHeadBytes ?? 64 * 1024
  }

  send(request: UpstreamRequest, listener: UpstreamListener): UpstreamExchange {
    const head = requestHead(request)
    const exchange = new Exchange(request, head, listener, this.tick, ticksOf(request.timeoutMs))
    exchange.start(this.idle.pop() ?? this.open())
    return exchange
  }

  stats(): { idle: number; busy: number } {
    return { idle: this.idle.length, busy: this.connections.size - this.idle.length }
  }

  close(): void {
    this.isClosing = true
    for (const connection of this.idle.splice(0)) connection.close()
  }

  onReusable(connection: Connection, keepAliveMs: number | undefined): void {
    // A second less than the upstream keeps it, so that a request never meets its closing half-way.
    const ticks =
      keepAliveMs === undefined ? this.idleTicks : Math.min(this.idleTicks, ticksOf(keepAliveMs - 1000))
    if (this.isClosing || this.idle.length >= this.maxIdle || ticks <= 1) {
      connection.close()
      return
    }
    connection.deadline = this.tick + ticks
    this.idle.push(connection)
  }

  onClosed(connection: Connection): void {
    this.connections.delete(connection)
    const position = this.idle.lastIndexOf(connection)
    if (position !== -1) this.idle.splice(position, 1)
    if (this.connections.size > 0) return
    clearInterval(this.timer)
    this.timer = undefined
  }

  ticksOf(durationMs: number): number {
    return ticksOf(durationMs)
  }

  onStale(exchange: Exchange): void {
    exchange.start(this.open())
  }

  private open(): Connection {
    this.timer ??= setInterval(() => this.sweep(), tickMs).unref()
    const connection = new Connection(this, this.dialer, this.maxHeadBytes, this.connectTicks)
    this.connections.add(connection)
    return connection
  }

  private sweep(): void {
    this.tick++
    for (const connection of this.connections) {
      if (connection.deadline <= this.tick || connection.connectDeadline <= this.tick) connection.expire()
    }
  }
}

/** Whole ticks that last at least so long, the one under way not counted. */
const ticksOf = (durationMs: number): number => Math.ceil(durationMs / tickMs) + 1
