import { statusOf } from '#contract/envelope.ts'
import { type Refusal, refuse } from '#contract/outcome.ts'
import type { Clock } from '#ports/clock.ts'
import type { Log } from '#ports/log.ts'
import type { Metrics } from '#ports/metrics.ts'
import type { GatewaySettings } from '#ports/snapshot.ts'
import { passedLines } from './answer-headers.ts'
import type { Call } from './call.ts'
import type { CurrentMonth } from './current-month.ts'
import type { AnswerHead, InboundWatcher } from './inbound.ts'
import { limitLines } from './limit-headers.ts'
import type { Pools } from './pools.ts'
import { answerRefusal } from './refuse.ts'
import type { Ending, Settler } from './settle.ts'
import type {
  UpstreamExchange,
  UpstreamFailure,
  UpstreamListener,
  UpstreamPool,
  UpstreamRequest,
} from './upstream/types.ts'
import {
  type ForwardFacts,
  type TrustsPeer,
  upstreamHeaderLines,
  upstreamTarget,
} from './upstream-request.ts'

/** Sends admitted requests to their upstream and brings the answer back, streaming both ways. */
export interface Forwarder {
  forward(call: Call, facts: ForwardFacts, settings: GatewaySettings): void
}

/** What forwarding needs. */
export interface ForwardDeps {
  readonly pools: Pools
  readonly settler: Settler
  readonly metrics: Metrics
  readonly log: Log
  readonly clock: Clock
  readonly currentMonth: CurrentMonth
  readonly trustsPeer: TrustsPeer
}

/** Creates the forwarder of one gateway process. */
export function createForwarder(given: ForwardDeps): Forwarder {
  const deps = { ...given, heads: createHeadQueue() }
  return {
    forward(call, facts, settings) {
      const { pool, basePath, host } = deps.pools.door(call.route.upstream)
      const forwarding = new Forwarding(deps, call)
      const target = upstreamTarget(call.route, basePath, facts)
      if (!target.ok) return forwarding.fail(target)
      const request: UpstreamRequest = {
        method: call.route.methodOverride ?? call.inbound.method,
        target: target.value,
        headers: upstreamHeaderLines(call, facts, host, settings, deps.trustsPeer),
        body: facts.head.body,
        timeoutMs: call.route.upstream.timeoutMs,
      }
      const exchange = open(pool, request, forwarding)
      if (exchange === undefined)
        return forwarding.fail(
          refuse('invalid_request', 'The request holds characters that cannot be forwarded'),
        )
      forwarding.begin(exchange, facts.head.body !== 'none' && facts.head.body !== 0, settings.maxBodyBytes)
    },
  }
}

// The client refuses, by throwing, whatever would let one request look like two to the upstream.
function open(
  pool: UpstreamPool,
  request: UpstreamRequest,
  listener: UpstreamListener,
): UpstreamExchange | undefined {
  try {
    return pool.send(request, listener)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

interface HeadQueue {
  add(forwarding: Forwarding): void
}

type ForwardingDeps = ForwardDeps & { readonly heads: HeadQueue }

/** Heads that leave at the end of this turn, if they are still waiting then: one immediate for all of them. */
function createHeadQueue(): HeadQueue {
  let waiting: Forwarding[] = []
  const flush = (): void => {
    const due = waiting
    waiting = []
    for (const forwarding of due) forwarding.flushHead()
  }
  return {
    add(forwarding) {
      if (waiting.push(forwarding) === 1) setImmediate(flush)
    },
  }
}

/** One exchange with an upstream: its answer goes out as it comes, but is completed only when the request is settled. */
class Forwarding implements UpstreamListener, InboundWatcher {
  readonly #deps: ForwardingDeps
  readonly #call: Call
  #exchange: UpstreamExchange | undefined
  #head: AnswerHead | undefined
  #retryAfterSeconds = 1
  #isHeadSent = false
  #isOver = false

  constructor(deps: ForwardingDeps, call: Call) {
    this.#deps = deps
    this.#call = call
  }

  begin(exchange: UpstreamExchange, hasBody: boolean, maxBodyBytes: number): void {
    const { inbound } = this.#call
    this.#exchange = exchange
    inbound.watch(this)
    if (!hasBody) return
    inbound.readBody({
      onData: (chunk) => {
        if (this.#isOver) return true
        this.#call.requestBytes += chunk.length
        if (this.#call.requestBytes <= maxBodyBytes) return exchange.write(chunk)
        exchange.abort()
        this.#failBody(refuse('payload_too_large', `The body is larger than ${maxBodyBytes} bytes`))
        return true
      },
      onEnd: () => {
        if (!this.#isOver) exchange.end()
      },
      onStall: () => {
        if (this.#isOver) return
        exchange.abort()
        this.#failBody(refuse('request_timeout', 'The request body did not arrive in time'))
      },
    })
  }

  onHead(status: number, reason: string, headers: string[], bodyLength: number | undefined): void {
    const { startedAt, inbound, grant, requestId } = this.#call
    const now = this.#deps.clock.now()
    this.#deps.metrics.upstreamDuration((now - startedAt) / 1000)
    const passed = passedLines(headers)
    if (passed === undefined) {
      this.#exchange?.abort()
      this.onFailure('protocol', 'a header is not one line')
      return
    }
    const isBodyless = inbound.method === 'HEAD' || status === 204 || status === 304
    const limits = grant === null ? '' : limitLines(grant, now, this.#deps.currentMonth)
    this.#head = {
      status,
      reason,
      lines: `${passed.lines}X-Request-Id: ${requestId}\r\n${limits}`,
      hasDate: passed.hasDate,
      bodyLength: isBodyless ? undefined : bodyLength,
    }
    // A small answer ends in this same turn; the head of a slow or endless one must not wait for its body.
    if (bodyLength !== 0) this.#deps.heads.add(this)
  }

  /** Sends the head that still waits for its body. */
  flushHead(): void {
    if (this.#isOver || this.#isHeadSent) return
    this.#sendHead()
    this.#call.inbound.flushHead()
  }

  onData(chunk: Buffer): boolean {
    if (this.#isOver) return true
    this.#call.responseBytes += chunk.length
    this.#sendHead()
    return this.#call.inbound.write(chunk)
  }

  onEnd(last: Buffer | undefined): void {
    if (this.#isOver) return
    this.#isOver = true
    if (last !== undefined) this.#call.responseBytes += last.length
    this.#deps.settler.settle(
      this.#call,
      { status: this.#head?.status ?? 0, kind: 'answered' },
      (isRecorded) => {
        if (isRecorded) {
          this.#sendHead()
          this.#call.inbound.end(last)
        } else this.#answerFailure(refuse('service_unavailable', 'Usage cannot be recorded at the moment'))
      },
    )
  }

  onFailure(failure: UpstreamFailure, detail: string, _sent = true, retryAfterMs = 1_000): void {
    this.#deps.log.warn(
      { request_id: this.#call.requestId, upstream: this.#call.route.upstream.name, failure, detail },
      'upstream failed',
    )
    if (failure === 'busy' || failure === 'open') {
      this.#retryAfterSeconds = Math.max(1, Math.ceil(retryAfterMs / 1000))
      this.fail(refuse('service_unavailable', 'The upstream takes no more requests at the moment'))
      return
    }
    this.fail(
      failure === 'timeout'
        ? refuse('upstream_timeout', 'The upstream did not answer in time')
        : refuse('upstream_error', 'The upstream could not be reached or broke off'),
    )
  }

  onDrain(): void {
    this.#call.inbound.resumeBody()
  }

  /** Ends the request with a refusal of ours: nothing is billed. */
  fail(refusal: Refusal): void {
    if (this.#isOver) return
    this.#isOver = true
    const ending: Ending = { status: statusOf(refusal), kind: 'failed' }
    this.#deps.settler.settle(this.#call, ending, () => this.#answerFailure(refusal))
  }

  /** Ends the request because of its body. A client must not get an answer for nothing by spoiling its request in the end. */
  #failBody(refusal: Refusal): void {
    if (this.#head === undefined) {
      this.fail(refusal)
      return
    }
    this.#isOver = true
    const ending: Ending = { status: this.#head.status, kind: 'answered' }
    this.#deps.settler.settle(this.#call, ending, () => this.#answerFailure(refusal))
  }

  #answerFailure(refusal: Refusal): void {
    const { inbound, requestId, grant } = this.#call
    if (this.#isHeadSent) {
      inbound.destroy()
      return
    }
    const { clock, currentMonth } = this.#deps
    const limits = grant === null ? '' : limitLines(grant, clock.now(), currentMonth)
    const retry = refusal.code === 'service_unavailable' ? `Retry-After: ${this.#retryAfterSeconds}\r\n` : ''
    answerRefusal(inbound, refusal, requestId, limits + retry)
  }

  #sendHead(): void {
    if (this.#isHeadSent || this.#head === undefined) return
    this.#isHeadSent = true
    this.#call.inbound.sendHead(this.#head)
  }

  /** The client left: the upstream is told, and what it was sent or has answered by then counts. */
  onAbort(): void {
    if (this.#isOver) return
    this.#isOver = true
    const unanswered = this.#exchange?.isRequestSent === true ? 'abandoned' : 'failed'
    this.#exchange?.abort()
    const ending: Ending =
      this.#head === undefined
        ? { status: 499, kind: unanswered }
        : { status: this.#head.status, kind: 'answered' }
    this.#deps.settler.settle(this.#call, ending, () => {})
  }

  onWritable(): void {
    this.#exchange?.resume()
  }
}
