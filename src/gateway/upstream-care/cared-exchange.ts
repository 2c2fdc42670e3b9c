import { noTicket } from '#domain/upstream/breaker.ts'
import { mayRetry } from '#domain/upstream/retry.ts'
import { requestHead } from '../upstream/request-head.ts'
import type {
  UpstreamExchange,
  UpstreamFailure,
  UpstreamListener,
  UpstreamRequest,
} from '../upstream/types.ts'
import type { HeaderList } from '../wire/header-list.ts'
import { HeldBody } from './held-body.ts'
import { redirected } from './redirect.ts'
import type { TargetCare } from './target-care.ts'

/** Finds another target for a request that cannot be had from the ones it has tried. */
export interface Alternatives {
  /** One that lets a request through and has room; one that was not tried, if possible. */
  instead(tried: readonly TargetCare[]): TargetCare | undefined
  /** Milliseconds until the first breaker lets something through. */
  readonly msUntilPassable: number
}

const retryAfterBusyMs = 1_000

/**
 * One request as the caller sees it, whichever targets it takes: stands between the caller and the exchange with a target,
 * tells the target how it went, waits for room, and begins again elsewhere where that does no harm.
 */
export class CaredExchange implements UpstreamListener, UpstreamExchange {
  private readonly alternatives: Alternatives
  private readonly request: UpstreamRequest
  private readonly listener: UpstreamListener
  /** The target that the request was made for. */
  private readonly origin: TargetCare
  private target: TargetCare
  private tried: TargetCare[] | undefined
  private retriesLeft: number
  private inner: UpstreamExchange | undefined
  private ticket = noTicket
  private isOver = false
  private isBodyTaken = false
  private isSent = false
  private isPaused = false
  private held: HeldBody | undefined
  private patience: NodeJS.Timeout | undefined

  constructor(
    alternatives: Alternatives,
    target: TargetCare,
    request: UpstreamRequest,
    listener: UpstreamListener,
  ) {
    this.alternatives = alternatives
    this.origin = target
    this.target = target
    this.request = request
    this.listener = listener
    this.retriesLeft = target.upstream.retries
  }

  get isRequestSent(): boolean {
    return this.inner?.isRequestSent === true
  }

  /** Starts, or waits for room. Throws a RangeError for what could not be sent safely, and tells a refusal only later. */
  start(): this {
    if (!this.target.hasRoom) this.wait()
    else if (!this.pass()) process.nextTick(() => this.refuseOpen())
    else this.send(this.request)
    return this
  }

  /** There is room for a request that waited. */
  proceed(): void {
    clearTimeout(this.patience)
    if (!this.pass()) {
      this.refuseOpen()
      return
    }
    try {
      this.send(this.request)
      if (this.held?.flush(this) === true) this.listener.onDrain()
    } catch (error) {
      // The body does not keep to the length that was promised for it.
      this.abort()
      this.listener.onFailure('reset', error instanceof Error ? error.message : String(error), true)
    }
  }

  write(chunk: Buffer): boolean {
    if (this.isOver) return true
    if (this.inner === undefined) {
      this.held ??= new HeldBody()
      this.held.add(chunk)
      return false
    }
    this.isBodyTaken = true
    try {
      return this.inner.write(chunk)
    } catch (error) {
      this.abort()
      throw error
    }
  }

  end(chunk?: Buffer, trailers?: string): void {
    if (this.isOver) return
    if (this.inner === undefined) {
      this.held ??= new HeldBody()
      if (chunk !== undefined) this.held.add(chunk)
      this.held.end(trailers)
      return
    }
    this.isBodyTaken = true
    try {
      this.inner.end(chunk, trailers)
    } catch (error) {
      this.abort()
      throw error
    }
  }

  pause(): void {
    this.isPaused = true
    this.inner?.pause()
  }

  resume(): void {
    this.isPaused = false
    this.inner?.resume()
  }

  abort(): void {
    if (this.isOver) return
    this.isOver = true
    const { inner, target } = this
    if (inner === undefined) {
      clearTimeout(this.patience)
      target.unwait(this)
      return
    }
    inner.abort()
    if (this.ticket !== noTicket) target.abandon(this.ticket)
    target.leave()
  }

  onHead(status: number, reason: string, headers: HeaderList, bodyLength: number | undefined): void {
    const { target, ticket } = this
    this.ticket = noTicket
    if (status < 502 || status > 504 || !target.upstream.breaksOnStatus) target.succeed(ticket)
    else target.fail(ticket)
    this.listener.onHead(status, reason, headers, bodyLength)
  }

  onData(chunk: Buffer): boolean {
    return this.listener.onData(chunk)
  }

  onEnd(last: Buffer | undefined, trailers: readonly string[]): void {
    this.isOver = true
    this.target.leave()
    this.listener.onEnd(last, trailers)
  }

  onFailure(failure: UpstreamFailure, detail: string, sent: boolean): void {
    const { target, ticket } = this
    this.inner = undefined
    if (sent) this.isSent = true
    const isUnanswered = ticket !== noTicket
    if (isUnanswered) target.fail(ticket)
    target.leave()
    if (isUnanswered && this.retry(failure, sent)) return
    this.isOver = true
    this.listener.onFailure(failure, detail, this.isSent)
  }

  onDrain(): void {
    this.listener.onDrain()
  }

  private wait(): void {
    // What would be thrown when its turn comes is thrown now, where the caller hears it.
    requestHead(this.request)
    if (!this.target.wait(this)) {
      process.nextTick(() => this.refuseBusy('all connections to the upstream are in use'))
      return
    }
    const giveUp = (): void => {
      this.target.unwait(this)
      this.refuseBusy('no connection became free in time')
    }
    this.patience = setTimeout(giveUp, this.request.timeoutMs).unref()
  }

  private refuseBusy(detail: string): void {
    this.refuse('busy', detail, retryAfterBusyMs)
  }

  private refuseOpen(): void {
    this.refuse('open', 'the upstream failed too often just now', this.alternatives.msUntilPassable)
  }

  private refuse(failure: UpstreamFailure, detail: string, retryAfterMs: number): void {
    if (this.isOver) return
    this.isOver = true
    this.listener.onFailure(failure, detail, this.isSent, retryAfterMs)
  }

  /** Gets past a breaker, of another target if it must be. */
  private pass(): boolean {
    this.ticket = this.target.enter()
    if (this.ticket !== noTicket) return true
    const other = this.alternatives.instead([this.target])
    if (other === undefined) return false
    this.target = other
    this.ticket = other.enter()
    return this.ticket !== noTicket
  }

  private send(request: UpstreamRequest): void {
    const { target, origin } = this
    target.inFlight++
    try {
      this.inner = target.pool.send(target === origin ? request : redirected(request, origin, target), this)
    } catch (error) {
      this.isOver = true
      target.abandon(this.ticket)
      target.leave()
      throw error
    }
    if (this.isPaused) this.inner.pause()
  }

  /** Begins again on another target, or on the same where there is no other. */
  private retry(failure: UpstreamFailure, sent: boolean): boolean {
    const { target, request } = this
    if (this.retriesLeft === 0) return false
    const attempt = {
      method: request.method,
      hasBody: request.body !== 'none' && request.body !== 0,
      isBodyTaken: this.isBodyTaken,
      failure,
      isSent: sent,
    }
    if (!mayRetry(attempt, target.upstream.retriesOnTimeout)) return false
    this.retriesLeft--
    this.tried ??= []
    this.tried.push(target)
    const next = this.alternatives.instead(this.tried)
    if (next === undefined) return false
    this.target = next
    this.ticket = next.enter()
    if (this.ticket === noTicket) return false
    this.send(request)
    return true
  }
}
