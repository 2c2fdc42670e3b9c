import { STATUS_CODES } from 'node:http'
import type { Refusal } from '#contract/outcome.ts'
import type { AnswerHead, BodyListener, Inbound, InboundWatcher, TakenSocket } from '../inbound.ts'
import type { RequestHead } from '../request-head.ts'
import type { ClientConnection } from './connection.ts'
import type { RequestParser } from './request-parser.ts'

// How the body of an answer is framed; what is not negative is the number of bytes that are still owed.
const bodyless = -1
const chunked = -2
const untilClose = -3

/** One request on a connection, and the writer of its answer. Once the answer is complete or the client gone, it does nothing. */
export class InboundRequest implements Inbound {
  readonly method: string
  readonly httpVersion: string
  readonly target: string
  readonly head: RequestHead | Refusal
  readonly remoteAddress: string
  readonly isSecure: boolean
  /** Of the answer; 0 before its head. */
  status = 0
  /** Set once the pipeline reads the body. */
  body: BodyListener | undefined = undefined
  watcher: InboundWatcher | undefined = undefined

  private connection: ClientConnection | undefined
  private waitingHead = ''
  private framing = bodyless

  constructor(connection: ClientConnection, parser: RequestParser, head: RequestHead | Refusal) {
    this.connection = connection
    this.method = parser.method
    this.httpVersion = parser.httpVersion
    this.target = parser.target
    this.head = head
    this.remoteAddress = connection.remoteAddress
    this.isSecure = connection.isSecure
  }

  get isAnswered(): boolean {
    return this.status !== 0
  }

  /** True when the client may have seen a part of the answer. */
  get isBegun(): boolean {
    return this.status !== 0 && this.waitingHead === ''
  }

  /** Cuts the request off from its connection: nothing that is still called on it has an effect. */
  detach(): void {
    this.connection = undefined
  }

  watch(watcher: InboundWatcher): void {
    this.watcher = watcher
  }

  readBody(listener: BodyListener): void {
    this.body = listener
    this.connection?.startBody(this)
  }

  resumeBody(): void {
    this.connection?.resumeBody(this)
  }

  sendHead(head: AnswerHead): void {
    const { connection } = this
    if (connection === undefined || this.status !== 0) return
    const { status, bodyLength } = head
    this.status = status
    const isHeadRequest = this.method === 'HEAD'
    let framing = ''
    if (isHeadRequest || status === 204 || status === 304) this.framing = bodyless
    else this.framing = bodyLength ?? (this.httpVersion === '1.1' ? chunked : untilClose)
    if (this.framing === chunked) framing = 'Transfer-Encoding: chunked\r\n'
    else if (bodyLength !== undefined && (isHeadRequest || this.framing !== bodyless))
      framing = `Content-Length: ${bodyLength}\r\n`
    const reason = head.reason === '' ? (STATUS_CODES[status] ?? '') : head.reason
    const ending = connection.endingLines(this, this.framing === untilClose)
    const date = head.hasDate ? '' : connection.dateLine
    this.waitingHead = `HTTP/1.1 ${status} ${reason}\r\n${head.lines}${date}${framing}${ending}`
  }

  flushHead(): void {
    if (this.waitingHead !== '') this.connection?.send(this.takeHead(), undefined, '')
  }

  write(chunk: Buffer): boolean {
    const { connection, framing } = this
    this.needHead()
    if (connection === undefined || chunk.length === 0 || framing === bodyless) return true
    if (framing === chunked)
      return connection.send(`${this.takeHead()}${chunk.length.toString(16)}\r\n`, chunk, '\r\n')
    if (framing >= 0 && !this.pay(chunk.length)) return true
    return connection.send(this.takeHead(), chunk, '')
  }

  end(chunk?: Buffer | string, trailers = ''): void {
    const { connection, framing } = this
    this.needHead()
    if (connection === undefined) return
    const last = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    const isEmpty = last === undefined || last.length === 0 || framing === bodyless
    if (framing >= 0 && !this.pay(isEmpty ? 0 : last.length)) return
    if (framing >= 0 && this.framing > 0) {
      this.destroy()
      return
    }
    const after = framing === chunked ? `0\r\n${trailers}\r\n` : ''
    const head = this.takeHead()
    if (!isEmpty)
      if (framing === chunked) connection.send(`${head}${last.length.toString(16)}\r\n`, last, `\r\n${after}`)
      else connection.send(head, last, '')
    else if (head !== '' || after !== '') connection.send(head + after, undefined, '')
    connection.complete(this)
  }

  destroy(): void {
    this.connection?.cut(this)
  }

  takeSocket(lines: string): TakenSocket | undefined {
    const { connection } = this
    if (connection === undefined || this.status !== 0) return undefined
    this.status = 101
    const text = `HTTP/1.1 101 Switching Protocols\r\n${lines}${connection.dateLine}\r\n`
    const taken = connection.leave(this, text)
    if (taken === undefined) this.status = 0
    return taken
  }

  private needHead(): void {
    if (this.connection !== undefined && this.status === 0) throw new Error('an answer begins with its head')
  }

  private takeHead(): string {
    const head = this.waitingHead
    this.waitingHead = ''
    return head
  }

  /** Counts bytes against the length that was announced; more than that would be read as the next answer. */
  private pay(byteCount: number): boolean {
    this.framing -= byteCount
    if (this.framing >= 0) return true
    this.destroy()
    return false
  }
}
