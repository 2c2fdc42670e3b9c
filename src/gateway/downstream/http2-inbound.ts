import { constants, type ServerHttp2Stream } from 'node:http2'
import type { Refusal } from '#contract/outcome.ts'
import type { AnswerHead, BodyListener, Inbound, InboundWatcher } from '../inbound.ts'
import type { RequestHead } from '../request-head.ts'
import { requestTrailers } from '../trailers.ts'
import { type Http2Head, http2Fields, unsafeValue } from './http2-fields.ts'

/** One stream of an HTTP/2 connection as the pipeline's Inbound. */
export class Http2Inbound implements Inbound {
  readonly method: string
  readonly httpVersion = '2.0'
  readonly target: string
  readonly head: RequestHead | Refusal
  readonly remoteAddress: string
  readonly isSecure = true
  /** Of the answer; 0 before its head. */
  status = 0
  readonly #stream: ServerHttp2Stream
  readonly #silenceMs: number
  readonly #onFailure: (inbound: Http2Inbound, error: unknown) => void
  #watcher: InboundWatcher | undefined
  #isReading = false
  #hasRequestEnded: boolean
  #isBodyless = false
  /** Everything of the answer was handed over. */
  #hasAnswered = false
  #isAborted = false
  #trailers = ''
  #patience: NodeJS.Timeout | undefined

  constructor(
    stream: ServerHttp2Stream,
    given: Http2Head,
    facts: {
      readonly remoteAddress: string
      readonly silenceMs: number
      readonly hasRequestEnded: boolean
      /** What a listener of the pipeline throws must not reach the event loop. */
      readonly onFailure: (inbound: Http2Inbound, error: unknown) => void
    },
  ) {
    this.#stream = stream
    this.#silenceMs = facts.silenceMs
    this.#hasRequestEnded = facts.hasRequestEnded
    this.method = given.method
    this.target = given.target
    this.head = given.head
    this.remoteAddress = facts.remoteAddress
    this.#onFailure = facts.onFailure
    stream.on('drain', () => {
      clearTimeout(this.#patience)
      this.#tell(() => this.#watcher?.onWritable())
    })
    stream.on('finish', () => {
      clearTimeout(this.#patience)
      // The answer is whole: what the client still sends of its body is not wanted.
      if (this.#hasAnswered && !this.#hasRequestEnded) stream.close(constants.NGHTTP2_NO_ERROR)
    })
    stream.on('aborted', () => this.#abort())
    stream.on('close', () => {
      clearTimeout(this.#patience)
      if (!this.#hasAnswered) this.#abort()
    })
  }

  get isAnswered(): boolean {
    return this.status !== 0 || this.#stream.destroyed
  }

  watch(watcher: InboundWatcher): void {
    this.#watcher = watcher
  }

  readBody(listener: BodyListener): void {
    const stream = this.#stream
    this.#isReading = true
    if (this.head.ok && this.head.expectsContinue && !stream.headersSent && !stream.destroyed)
      stream.additionalHeaders({ ':status': 100 })
    stream.setTimeout(this.#silenceMs, () => {
      // Paused, it is the upstream that keeps us waiting.
      if (!this.#hasRequestEnded && !stream.isPaused()) this.#tell(() => listener.onStall())
    })
    let trailers: readonly string[] = []
    stream.on('trailers', (_headers, _flags, raw: string[]) => {
      trailers = raw.some((text) => unsafeValue.test(text)) ? [] : raw
    })
    stream.on('data', (chunk: Buffer) => {
      this.#tell(() => {
        if (!listener.onData(chunk)) stream.pause()
      })
    })
    stream.on('end', () => {
      // A stream that was reset ends, too; its body must not be taken for the whole.
      if (stream.aborted || stream.rstCode !== constants.NGHTTP2_NO_ERROR) return
      this.#hasRequestEnded = true
      stream.setTimeout(0)
      this.#tell(() => listener.onEnd(requestTrailers(trailers)))
    })
  }

  resumeBody(): void {
    this.#stream.resume()
  }

  sendHead({ status, lines, bodyLength }: AnswerHead): void {
    const stream = this.#stream
    if (this.isAnswered) return
    this.status = status
    const isHead = this.method === 'HEAD'
    this.#isBodyless = isHead || status === 204 || status === 304
    const fields = http2Fields(lines)
    if (bodyLength !== undefined && (isHead || !this.#isBodyless))
      fields['content-length'] = String(bodyLength)
    const waitForTrailers = !this.#isBodyless && this.head.ok && this.head.wantsTrailers
    if (waitForTrailers) stream.on('wantTrailers', () => stream.sendTrailers(http2Fields(this.#trailers)))
    stream.respond({ ...fields, ':status': status }, { waitForTrailers })
    if (!this.#isReading) stream.resume()
  }

  flushHead(): void {
    // HTTP/2 sends heads by themselves.
  }

  write(chunk: Buffer): boolean {
    if (this.#isBodyless || this.#isAborted || this.#stream.destroyed) return true
    const isRoomLeft = this.#stream.write(chunk)
    if (!isRoomLeft) this.#awaitReader()
    return isRoomLeft
  }

  end(chunk?: Buffer | string, trailers = ''): void {
    const stream = this.#stream
    if (this.#isAborted || stream.destroyed) return
    this.#hasAnswered = true
    this.#trailers = trailers
    if (this.#isBodyless || chunk === undefined) stream.end()
    else stream.end(chunk)
    if (!stream.writableFinished) this.#awaitReader()
  }

  destroy(): void {
    // Closing with a code would first end the stream, and a part of an answer would look like the whole.
    this.#stream.destroy(new Error('the answer is not whole'))
  }

  #abort(): void {
    if (this.#isAborted) return
    this.#isAborted = true
    this.#tell(() => this.#watcher?.onAbort())
  }

  /** Gives up what the pipeline still does for this request. */
  abandon(): void {
    this.#watcher?.onAbort()
  }

  #tell(call: () => void): void {
    try {
      call()
    } catch (error) {
      this.#onFailure(this, error)
    }
  }

  /** A client that does not read its answer gives it up. */
  #awaitReader(): void {
    clearTimeout(this.#patience)
    const waiting = this.#stream.writableLength
    this.#patience = setTimeout(() => {
      if (this.#stream.writableLength < waiting) this.#awaitReader()
      else this.#stream.destroy(new Error('the client does not read'))
    }, this.#silenceMs).unref()
  }
}
