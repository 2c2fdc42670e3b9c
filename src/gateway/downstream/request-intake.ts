import { type Refusal, refuse } from '#contract/outcome.ts'
import { incomplete, malformed } from '../wire/field-block.ts'
import { RequestBody } from './request-body.ts'
import { RequestParser } from './request-parser.ts'

/** The connection that an intake reads for. */
export interface IntakeSink {
  readonly isOpen: boolean
  /** A request is under way: the next one has to wait. */
  readonly isAnswering: boolean
  /** Bytes of the body may come now, to be used or dropped. */
  readonly takesBody: boolean
  /** A head has begun and is not complete. */
  onHeadBegun(): void
  /** A head is complete, and ends in `bytes` at `after`. The body, if any, is begun from inside. */
  onHead(bytes: Buffer, after: number): void
  /** A piece of the body, possibly empty; the bytes are lent. */
  onBody(bytes: Buffer, start: number, end: number): void
  /** What came is no request, and nothing after it can be. */
  onUnreadable(refusal: Refusal): void
}

const nothing = Buffer.alloc(0)

/** Cuts the bytes of a connection into requests, and keeps back what has to wait for its turn. */
export class RequestIntake {
  readonly parser: RequestParser
  readonly body: RequestBody
  isTaking = false

  private readonly sink: IntakeSink
  private held: Buffer | undefined = undefined

  constructor(sink: IntakeSink, maxHeadBytes: number) {
    this.sink = sink
    this.parser = new RequestParser(maxHeadBytes)
    this.body = new RequestBody(maxHeadBytes)
  }

  /** True while bytes wait: no more should be read. */
  get isHolding(): boolean {
    return this.held !== undefined
  }

  /** True between two requests. */
  get isAtStart(): boolean {
    return this.body.isComplete && this.parser.isUntouched
  }

  /** Takes lent bytes as far as they have their turn now, and keeps a copy of the rest. */
  take(bytes: Buffer): void {
    if (this.held !== undefined) {
      this.held = Buffer.concat([this.held, bytes])
      return
    }
    const rest = this.restAfterTurn(bytes)
    if (rest !== undefined) this.held = Buffer.from(rest)
  }

  /** Takes up what waits, as far as it has its turn now. */
  takeHeld(): void {
    const { held } = this
    if (held === undefined) return
    this.held = undefined
    this.held = this.restAfterTurn(held)
  }

  private restAfterTurn(bytes: Buffer): Buffer | undefined {
    const { sink } = this
    let at = 0
    this.isTaking = true
    while (at < bytes.length && sink.isOpen) {
      if (this.body.isComplete) {
        if (sink.isAnswering) break
        at = this.takeHead(bytes, at)
      } else if (sink.takesBody) at = this.takeBody(bytes, at)
      else break
    }
    this.isTaking = false
    return at < bytes.length && sink.isOpen ? bytes.subarray(at) : undefined
  }

  /** Gives away what waits: it is no request. */
  takeRest(): Buffer {
    const rest = this.held ?? nothing
    this.held = undefined
    return rest
  }

  private takeHead(bytes: Buffer, at: number): number {
    const { parser, sink } = this
    const after = parser.read(bytes, at, bytes.length)
    if (after >= 0) {
      sink.onHead(bytes, after)
      return after
    }
    if (after === incomplete) sink.onHeadBegun()
    else if (after === malformed)
      sink.onUnreadable(
        parser.block.isTooLarge
          ? refuse('headers_too_large', 'The request head is too large')
          : refuse('invalid_request', 'The request is malformed'),
      )
    return bytes.length
  }

  private takeBody(bytes: Buffer, at: number): number {
    const { body, sink } = this
    const after = body.read(bytes, at, bytes.length)
    if (body.problem === '') sink.onBody(bytes, body.dataStart, body.dataEnd)
    else sink.onUnreadable(refuse('invalid_request', 'The request body is malformed'))
    return after
  }
}
