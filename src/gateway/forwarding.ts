import { statusOf } from '#contract/envelope.ts'
import { type Refusal, refuse } from '#contract/outcome.ts'
import type { Clock } from '#ports/clock.ts'
import type { Log } from '#ports/log.ts'
import type { Metrics } from '#ports/metrics.ts'
import { answerHead } from './answer-head.ts'
import type { Call } from './call.ts'
import { ClientBody } from './client-body.ts'
import type { IsSecure } from './edge/is-secure.ts'
import type { HeadQueue } from './head-queue.ts'
import type { AnswerHead, InboundWatcher } from './inbound.ts'
import { refusalLines } from './refusal-lines.ts'
import { answerRefusal } from './refuse.ts'
import type { Ending, Settler } from './settle.ts'
import { answerTrailers } from './trailers.ts'
import type { AnswerChange } from './transform/answer-change.ts'
import { type HeldBody, holdBody } from './transform/body.ts'
import type { TransformFailure } from './transform/evaluate.ts'
import type { UpstreamExchange, UpstreamFailure, UpstreamListener } from './upstream/types.ts'
import { upstreamRefusal } from './upstream-refusal.ts'
import type { HeaderList } from './wire/header-list.ts'
import { passOn } from './wire/piece-memory.ts'

/** What one forwarding needs. */
export interface ForwardingDeps {
  readonly settler: Settler
  readonly metrics: Metrics
  readonly log: Log
  readonly clock: Clock
  readonly isSecure: IsSecure
  readonly heads: HeadQueue
}

const notRecorded = (): Refusal => refuse('service_unavailable', 'Usage cannot be recorded at the moment')

/** One exchange with an upstream: its answer goes out as it comes, but is completed only when the request is settled. */
export class Forwarding implements UpstreamListener, InboundWatcher {
  readonly call: Call
  /** The request has come to its end for this side: answered, refused or left. */
  isOver = false
  /** The answer was kept: no upstream took time for it. */
  isFromCache = false
  readonly #deps: ForwardingDeps
  readonly #change: AnswerChange | null
  #exchange: UpstreamExchange | undefined
  /** The upstream's; 0 until its head is there. */
  #status = 0
  #reason = ''
  /** The answer's body has to be complete before any of the answer leaves. */
  #isHeld = false
  #isAnswerComplete = false
  #head: AnswerHead | undefined
  #isHeadSent = false
  #body: ClientBody | undefined

  constructor(deps: ForwardingDeps, call: Call, change: AnswerChange | null) {
    this.#deps = deps
    this.call = call
    this.#change = change
  }

  /** Waits for the client's whole body, of at most so many bytes, before anything is sent. */
  hold(maxBytes: number, then: (held: HeldBody) => void): void {
    const held = holdBody(maxBytes)
    this.call.inbound.watch(this)
    this.#readBody(
      maxBytes,
      (chunk) => held.add(chunk),
      () => then(held),
    )
  }

  /** Goes on with an exchange whose body is all there. */
  beginWhole(exchange: UpstreamExchange, body: Buffer): void {
    this.#exchange = exchange
    this.call.inbound.watch(this)
    exchange.end(body)
  }

  /** Goes on with an exchange whose body, if any, comes from the client as it arrives. */
  begin(exchange: UpstreamExchange, hasBody: boolean, maxBodyBytes: number): void {
    this.#exchange = exchange
    this.call.inbound.watch(this)
    if (!hasBody) return
    this.#readBody(
      maxBodyBytes,
      (chunk) => {
        passOn(chunk)
        return exchange.write(chunk)
      },
      (trailers) => exchange.end(undefined, trailers),
    )
  }

  #readBody(maxBytes: number, take: (chunk: Buffer) => boolean, end: (trailers: string) => void): void {
    this.#body = new ClientBody(this.call, this.#deps.clock, maxBytes, {
      isOver: () => this.isOver,
      take,
      end,
      refuse: (refusal) => this.#failBody(refusal),
    })
    this.call.inbound.readBody(this.#body)
  }

  onHead(status: number, reason: string, headers: HeaderList, bodyLength: number | undefined): void {
    const { call } = this
    if (!this.isFromCache)
      this.#deps.metrics.upstreamDuration((this.#deps.clock.now() - call.startedAt) / 1000)
    this.#status = status
    this.#reason = reason
    call.meter?.onHead(status, headers)
    if (this.#change === null) {
      this.#prepareHead(headers, bodyLength)
      return
    }
    const changed = this.#change.begin(status, headers, !this.#isBodyless && bodyLength !== 0)
    if (changed === undefined) this.#isHeld = true
    else if (changed.ok) this.#prepareHead(changed.headers, bodyLength)
    else this.failTransform(changed)
  }

  get #isBodyless(): boolean {
    return this.call.inbound.method === 'HEAD' || this.#status === 204 || this.#status === 304
  }

  #prepareHead(headers: HeaderList, bodyLength: number | undefined): void {
    const { clock, heads } = this.#deps
    const length = this.#isBodyless ? undefined : bodyLength
    this.#head = answerHead(this.call, this.#status, this.#reason, headers, length, clock.now())
    if (this.#head === undefined) {
      this.#exchange?.abort()
      this.onFailure('protocol', 'a header is not one line')
      return
    }
    // A small answer ends in this same turn; the head of a slow or endless one must not wait for its body.
    if (bodyLength !== 0) heads.add(this)
  }

  /** Sends the head that still waits for its body. */
  flushHead(): void {
    if (this.isOver || this.#isHeadSent) return
    this.#sendHead()
    this.call.inbound.flushHead()
  }

  onData(chunk: Buffer): boolean {
    if (this.isOver) return true
    this.#count(chunk)
    if (this.#isHeld) {
      // What is too large is told when it is ended; until then nothing of it is kept.
      if (this.#change?.add(chunk) === false) this.#endHeld()
      return true
    }
    if (this.#isLastToRead) passOn(chunk)
    this.#sendHead()
    return this.call.inbound.write(chunk)
  }

  onEnd(last: Buffer | undefined, trailers: readonly string[] = []): void {
    if (this.isOver) return
    if (last !== undefined) this.#count(last)
    this.#isAnswerComplete = true
    if (this.#isHeld) {
      if (last !== undefined) this.#change?.add(last)
      this.#endHeld()
    } else {
      const { head } = this.call.inbound
      const areWanted = trailers.length > 0 && head.ok && head.wantsTrailers
      this.#finish(last, areWanted ? answerTrailers(trailers) : '')
    }
  }

  /** Nobody has read the answer who may have kept a piece of it: no meter, and no cache. */
  get #isLastToRead(): boolean {
    const { meter, route } = this.call
    return meter === null && route.cache === null
  }

  #count(chunk: Buffer): void {
    this.call.responseBytes += chunk.length
    this.call.meter?.onData(chunk)
  }

  #endHeld(): void {
    this.#change?.end((changed) => {
      if (this.isOver) return
      if (!changed.ok) return this.failTransform(changed)
      this.#prepareHead(changed.headers, changed.body.length)
      if (!this.isOver) this.#finish(changed.body)
    })
  }

  #finish(last: Buffer | undefined, trailers = ''): void {
    this.isOver = true
    this.#deps.settler.settle(this.call, this.#answered(), (isRecorded) => {
      if (isRecorded) {
        if (last !== undefined && this.#isLastToRead) passOn(last)
        this.#sendHead()
        this.call.inbound.end(last, trailers)
      } else this.#answerFailure(notRecorded())
    })
  }

  onFailure(failure: UpstreamFailure, detail: string, _sent = true, retryAfterMs = 1_000): void {
    this.#deps.log.warn(
      { request_id: this.call.requestId, upstream: this.call.route.upstream.name, failure, detail },
      'upstream failed',
    )
    this.fail(upstreamRefusal(failure, retryAfterMs))
  }

  onDrain(): void {
    this.#body?.resume()
  }

  /** Ends the request with a refusal of ours: nothing is billed. */
  fail(refusal: Refusal): void {
    if (this.isOver) return
    this.isOver = true
    const ending: Ending = { status: statusOf(refusal), kind: 'failed', isComplete: false }
    this.#deps.settler.settle(this.call, ending, () => this.#answerFailure(refusal))
  }

  /** Ends the request because a transform could not be applied: what it was applied to goes nowhere. */
  failTransform({ refusal, detail }: TransformFailure): void {
    const { requestId, route } = this.call
    this.#deps.log.warn({ request_id: requestId, route: route.id, detail }, 'a transform failed')
    this.#exchange?.abort()
    this.fail(refusal)
  }

  /** Ends the request because of its body. A client must not get an answer for nothing by spoiling its request in the end. */
  #failBody(refusal: Refusal): void {
    this.#exchange?.abort()
    if (this.#status === 0) {
      this.fail(refusal)
      return
    }
    this.isOver = true
    this.#deps.settler.settle(this.call, this.#answered(), () => this.#answerFailure(refusal))
  }

  #answered(): Ending {
    return { status: this.#status, kind: 'answered', isComplete: this.#isAnswerComplete }
  }

  #answerFailure(refusal: Refusal): void {
    const { inbound, requestId, holds } = this.call
    if (this.#isHeadSent) {
      inbound.destroy()
      return
    }
    const lines = refusalLines(refusal, holds.limits, this.#deps.clock.now())
    answerRefusal(inbound, refusal, requestId, lines, { isSecure: this.#deps.isSecure(inbound) })
  }

  #sendHead(): void {
    if (this.#isHeadSent || this.#head === undefined) return
    this.#isHeadSent = true
    this.call.inbound.sendHead(this.#head)
  }

  /** The client left: the upstream is told, and what it was sent or has answered by then counts. */
  onAbort(): void {
    if (this.isOver) return
    this.isOver = true
    const unanswered = this.#exchange?.isRequestSent === true ? 'abandoned' : 'failed'
    this.#exchange?.abort()
    const ending: Ending =
      this.#status === 0 ? { status: 499, kind: unanswered, isComplete: false } : this.#answered()
    this.#deps.settler.settle(this.call, ending, () => {})
  }

  onWritable(): void {
    this.#exchange?.resume()
  }
}
