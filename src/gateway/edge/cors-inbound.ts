import type { Refusal } from '#contract/outcome.ts'
import type { AnswerHead, BodyListener, Inbound, InboundWatcher } from '../inbound.ts'
import type { RequestHead } from '../request-head.ts'

/**
 * A request whose answer, whoever gives it (a refusal of ours too), carries these header lines about other origins, and none that the
 * upstream wrote.
 */
export class CorsInbound implements Inbound {
  readonly method: string
  readonly httpVersion: string
  readonly target: string
  readonly head: RequestHead | Refusal
  readonly remoteAddress: string
  readonly isSecure: boolean
  readonly #inbound: Inbound
  readonly #lines: string

  constructor(inbound: Inbound, lines: string) {
    this.#inbound = inbound
    this.#lines = lines
    this.method = inbound.method
    this.httpVersion = inbound.httpVersion
    this.target = inbound.target
    this.head = inbound.head
    this.remoteAddress = inbound.remoteAddress
    this.isSecure = inbound.isSecure
  }

  get isAnswered(): boolean {
    return this.#inbound.isAnswered
  }

  watch(watcher: InboundWatcher): void {
    this.#inbound.watch(watcher)
  }

  readBody(listener: BodyListener): void {
    this.#inbound.readBody(listener)
  }

  resumeBody(): void {
    this.#inbound.resumeBody()
  }

  sendHead(head: AnswerHead): void {
    this.#inbound.sendHead({ ...head, lines: head.lines.replace(foreignLines, '') + this.#lines })
  }

  flushHead(): void {
    this.#inbound.flushHead()
  }

  write(chunk: Buffer): boolean {
    return this.#inbound.write(chunk)
  }

  end(chunk?: Buffer | string, trailers?: string): void {
    this.#inbound.end(chunk, trailers)
  }

  destroy(): void {
    this.#inbound.destroy()
  }
}

const foreignLines = /^access-control-[^\r\n]*\r\n/gim
