import {
  abandon,
  type Breaker,
  enter,
  fail,
  msUntilPassable,
  newBreaker,
  succeed,
} from '#domain/upstream/breaker.ts'
import { type Health, newHealth, observe } from '#domain/upstream/health.ts'
import type { Target } from '#domain/upstream/targets.ts'
import type { Clock } from '#ports/clock.ts'
import type { UpstreamEntry } from '#ports/snapshot.ts'
import type { TargetStatus } from '#ports/upstream-status.ts'
import { createUpstreamPool } from '../upstream/pool.ts'
import type { UpstreamPool } from '../upstream/types.ts'
import type { CaredExchange } from './cared-exchange.ts'

/** What happened to a target that its upstream wants to know. */
export type TargetEvent = 'opened' | 'closed' | 'down' | 'up'

/** One address of an upstream: its connections, its breaker, what its checks say, and who waits for it. */
export class TargetCare {
  readonly url: string
  /** Host and port for the Host header. */
  readonly host: string
  /** The path of the URL, without a slash at its end. */
  readonly basePath: string
  target: Target
  upstream: UpstreamEntry
  pool: UpstreamPool
  health: Health = newHealth()
  /** Requests under way; a check is none. */
  inFlight = 0

  private readonly clock: Clock
  private readonly notify: (target: TargetCare, event: TargetEvent) => void
  private breaker: Breaker = newBreaker()
  private waiting: CaredExchange[] = []

  constructor(
    target: Target,
    upstream: UpstreamEntry,
    clock: Clock,
    notify: (target: TargetCare, event: TargetEvent) => void,
  ) {
    const url = new URL(target.url)
    this.url = target.url
    this.host = url.host
    this.basePath = url.pathname.replace(/\/$/, '')
    this.target = target
    this.upstream = upstream
    this.clock = clock
    this.notify = notify
    this.pool = poolOf(target, upstream)
  }

  /** Goes on under new settings: breaker and checks keep what they know, connections stay unless their bounds changed. */
  configure(target: Target, upstream: UpstreamEntry): void {
    const before = this.upstream
    this.target = target
    this.upstream = upstream
    if (
      upstream.maxIdleConns !== before.maxIdleConns ||
      upstream.idleConnTimeoutMs !== before.idleConnTimeoutMs
    ) {
      this.pool.close()
      this.pool = poolOf(target, upstream)
    }
    if (upstream.breaker.failures === 0) this.breaker = newBreaker()
    if (upstream.healthCheck === null) this.health = newHealth()
    this.serveWaiting()
  }

  /** Lets a request through the breaker: a ticket for its result, or -1. */
  enter(): number {
    const { breaker } = this
    return breaker.phase === 'closed'
      ? breaker.generation
      : enter(breaker, this.upstream.breaker, this.clock.now())
  }

  succeed(ticket: number): void {
    if (succeed(this.breaker, ticket)) this.notify(this, 'closed')
  }

  fail(ticket: number): void {
    const wasClosed = this.breaker.phase === 'closed'
    if (fail(this.breaker, this.upstream.breaker, ticket, this.clock.now()) && wasClosed)
      this.notify(this, 'opened')
  }

  abandon(ticket: number): void {
    abandon(this.breaker, ticket)
  }

  /** Takes in a health check. */
  observe(isGood: boolean): void {
    const rule = this.upstream.healthCheck
    if (rule !== null && observe(this.health, rule, isGood)) this.notify(this, isGood ? 'up' : 'down')
  }

  /** Takes over what somebody else's checks say; false when that is no news. */
  believe(isUp: boolean): boolean {
    if (this.upstream.healthCheck === null || this.health.isUp === isUp) return false
    this.health = { ...newHealth(), isUp }
    return true
  }

  /** Milliseconds until the breaker lets something through, 0 when it does. */
  get msUntilPassable(): number {
    const { breaker } = this
    return breaker.phase === 'closed' ? 0 : msUntilPassable(breaker, this.upstream.breaker, this.clock.now())
  }

  get isUsed(): boolean {
    return this.health.isUp && this.breaker.phase === 'closed'
  }

  get hasRoom(): boolean {
    const { maxConnections } = this.upstream
    return maxConnections === 0 || this.inFlight < maxConnections
  }

  /** Queues a request until there is room. False when too many wait already. */
  wait(exchange: CaredExchange): boolean {
    if (this.waiting.length >= this.upstream.maxPending) return false
    this.waiting.push(exchange)
    return true
  }

  /** Takes a request out of the queue, if it is there. */
  unwait(exchange: CaredExchange): void {
    this.waiting = this.waiting.filter((other) => other !== exchange)
  }

  /** A request under way is over: the one that waits the longest may begin. */
  leave(): void {
    this.inFlight--
    if (this.waiting.length > 0) this.serveWaiting()
  }

  status(): TargetStatus {
    const { index, url, weight } = this.target
    const { phase } = this.breaker
    const isChecked = this.upstream.healthCheck !== null
    return {
      index,
      url,
      weight,
      health: !isChecked ? 'unchecked' : this.health.isUp ? 'up' : 'down',
      breaker: phase === 'closed' ? 'closed' : this.isHalfOpen ? 'half_open' : 'open',
      ...this.pool.stats(),
      waiting: this.waiting.length,
    }
  }

  private get isHalfOpen(): boolean {
    return this.breaker.phase === 'probing' || this.msUntilPassable === 0
  }

  private serveWaiting(): void {
    while (this.hasRoom) {
      const next = this.waiting.shift()
      if (next === undefined) return
      next.proceed()
    }
  }
}

const poolOf = ({ url }: Target, { maxIdleConns, idleConnTimeoutMs }: UpstreamEntry): UpstreamPool =>
  createUpstreamPool({ baseUrl: url, maxIdleConns, idleConnTimeoutMs })
