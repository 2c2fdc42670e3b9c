import { ChunkDecoder } from '../wire/chunked.ts'
import { FieldBlock, incomplete, malformed } from '../wire/field-block.ts'
import type { HeaderList } from '../wire/header-list.ts'
import { HeadMemory } from './head-memory.ts'
import { type ResponseHead, readResponseHead, readTrailers } from './response-head.ts'

/** Where a parser delivers. Ranges point into the pushed buffer and hold until the call returns. */
export interface ResponseSink {
  onHead(status: number, reason: string, headers: HeaderList, bodyLength: number | undefined): void
  /** A piece of the body; called at most once in a push, as the last thing it does. */
  onBody(bytes: Buffer, start: number, end: number): void
  /** The answer is complete, with its last piece if that is not empty; the parser may be begun again from inside. */
  onComplete(
    bytes: Buffer,
    start: number,
    end: number,
    trailers: readonly string[],
    isReusable: boolean,
  ): void
}

const stopped = 0
const inHead = 1
const inLength = 2
const inChunks = 3
const untilClose = 4

const nothing = Buffer.alloc(0)

const bodyState = ({ isChunked, bodyLength }: ResponseHead): number =>
  isChunked ? inChunks : bodyLength === undefined ? untilClose : inLength

/** Reads one answer after another from the bytes of one connection. What it delivers does not depend on how they were cut. */
export class ResponseParser {
  /** No byte of the current answer has come. */
  isUntouched = true
  /** How long the upstream keeps this connection when idle, from its last head; undefined when it did not say. */
  keepAliveMs: number | undefined = undefined

  private readonly sink: ResponseSink
  private readonly maxHeadBytes: number
  private readonly block = new FieldBlock('status')
  private readonly chunks: ChunkDecoder
  private readonly heads = new HeadMemory()
  private state = stopped
  private isHeadRequest = false
  private offered: string | undefined = undefined
  private keepsConnection = false
  private headBytesLeft = 0
  private remaining = 0
  private problem = ''

  constructor(sink: ResponseSink, maxHeadBytes: number) {
    this.sink = sink
    this.maxHeadBytes = maxHeadBytes
    this.chunks = new ChunkDecoder(maxHeadBytes)
  }

  /** Makes ready for the answer to the next request; `offered` is a protocol that the answer may change to. */
  begin(isHeadRequest: boolean, offered?: string): void {
    this.state = inHead
    this.offered = offered
    // A head means another body after HEAD.
    if (isHeadRequest !== this.isHeadRequest) this.heads.forget()
    this.isHeadRequest = isHeadRequest
    this.isUntouched = true
    this.headBytesLeft = this.maxHeadBytes
    this.block.reset(this.maxHeadBytes)
  }

  /** No delivery from now on, also not from a push that is still running. */
  stop(): void {
    this.state = stopped
  }

  /** Reads on, writing into `bytes` where that helps; answers why the answer is refused, undefined while it is well-formed. */
  push(bytes: Buffer, start: number, end: number): string | undefined {
    this.isUntouched = false
    let at = start
    if (this.state === inHead) {
      at = this.readHead(bytes, at, end)
      if (at === malformed) return this.problem
      if (at === incomplete) return undefined
    }
    switch (this.state) {
      case inLength:
        return this.readLength(bytes, at, end)
      case inChunks:
        return this.readChunks(bytes, at, end)
      case untilClose:
        if (at < end) this.sink.onBody(bytes, at, end)
    }
    return undefined
  }

  /** The connection was closed properly: true when that completes the answer, false when it cuts it off. */
  finish(): boolean {
    if (this.state !== untilClose) return false
    this.complete(nothing, 0, 0, [], false)
    return true
  }

  private readHead(bytes: Buffer, start: number, end: number): number {
    let at = start
    while (at < end) {
      // Only where a head begins: in the middle of one the same bytes mean something else.
      const repeated = this.block.isWhole ? this.heads.repeated(bytes, at, end) : undefined
      const after = repeated === undefined ? this.block.read(bytes, at, end) : at + this.heads.length
      if (after === malformed) this.problem = this.block.problem
      if (after < 0) return after
      const head = repeated ?? readResponseHead(this.block, this.isHeadRequest)
      if (typeof head === 'string') return this.refuse(head)
      if (repeated === undefined && head.status >= 200)
        this.heads.keep(head, bytes, at, this.block.isWhole ? after : at)
      const isSwitch = head.status === 101
      if (isSwitch && (this.offered === undefined || head.upgrade !== this.offered))
        return this.refuse('an upgrade that was not asked for')
      if (isSwitch || head.status >= 200) {
        this.keepsConnection = head.keepsConnection
        this.keepAliveMs = head.keepAliveMs
        this.remaining = head.bodyLength ?? 0
        this.state = isSwitch ? untilClose : bodyState(head)
        if (head.isChunked) this.chunks.reset()
        this.sink.onHead(head.status, head.reason, head.headers, isSwitch ? undefined : head.bodyLength)
        return after
      }
      this.headBytesLeft -= this.block.text.length
      this.block.reset(this.headBytesLeft)
      at = after
    }
    return incomplete
  }

  private readLength(bytes: Buffer, at: number, end: number): undefined {
    const available = end - at
    if (available < this.remaining) {
      this.remaining -= available
      if (available > 0) this.sink.onBody(bytes, at, end)
      return
    }
    const after = at + this.remaining
    this.complete(bytes, at, after, [], after === end)
  }

  private readChunks(bytes: Buffer, at: number, end: number): string | undefined {
    const { chunks } = this
    const after = chunks.decode(bytes, at, end)
    const { dataStart, dataEnd } = chunks
    if (chunks.isDone) {
      this.complete(bytes, dataStart, dataEnd, readTrailers(chunks.trailers), after === end)
      return undefined
    }
    if (dataEnd > dataStart) this.sink.onBody(bytes, dataStart, dataEnd)
    return chunks.problem === '' ? undefined : chunks.problem
  }

  private complete(
    bytes: Buffer,
    start: number,
    end: number,
    trailers: readonly string[],
    isLast: boolean,
  ): void {
    this.state = stopped
    this.sink.onComplete(bytes, start, end, trailers, isLast && this.keepsConnection)
  }

  private refuse(problem: string): number {
    this.problem = problem
    return malformed
  }
}
