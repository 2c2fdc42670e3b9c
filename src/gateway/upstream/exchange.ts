import type { Connection } from './connection.ts'
import type { UpstreamExchange, UpstreamListener, UpstreamRequest } from './types.ts'

const repeatableMethods: ReadonlySet<string> = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PUT', 'TRACE'])

/** One request under way: frames its body and knows which connection carries it, until the answer is complete. */
export class Exchange implements UpstreamExchange {
  readonly request: UpstreamRequest
  readonly listener: UpstreamListener
  /** Longest wait for the upstream, in ticks of the pool. */
  timeoutTicks: number
  /** Tick until which the head must be there, when there is no body to send. */
  readonly deadline: number
  /** Undefined before the first and after the last byte. */
  connection: Connection | undefined
  /** Every byte of the request was handed to the connection. */
  isBodySent: boolean
  /** Nothing of the request was handed to the connection yet. */
  isHeadHeld = false

  private readonly head: string
  private isSwitched = false
  /** Bytes that Content-Length promised and that are still owed; undefined when chunked. */
  private owedBytes: number | undefined

  constructor(
    request: UpstreamRequest,
    head: string,
    listener: UpstreamListener,
    now: number,
    timeoutTicks: number,
  ) {
    const { body } = request
    this.request = request
    this.head = head
    this.listener = listener
    this.timeoutTicks = timeoutTicks
    this.deadline = now + timeoutTicks
    this.owedBytes = body === 'chunked' ? undefined : body === 'none' ? 0 : body
    this.isBodySent = this.owedBytes === 0
  }

  /**
   * Begins on a connection. The head waits for the end of this turn: it leaves together with its body, and behind the
   * heads of other requests, because waking an upstream once for several is far cheaper than again and again.
   */
  start(connection: Connection): void {
    this.connection = connection
    connection.carry(this)
    this.isHeadHeld = true
    if (held.push(this) === 1) setImmediate(sendHeldHeads)
  }

  /** The request may be sent again: it does no harm twice, and all of it is still at hand. */
  get isRepeatable(): boolean {
    const { method, body } = this.request
    return (body === 'none' || body === 0) && repeatableMethods.has(method)
  }

  get isRequestSent(): boolean {
    return this.isBodySent && !this.isHeadHeld && this.connection?.hasSentAll === true
  }

  write(chunk: Buffer): boolean {
    const { connection } = this
    if (connection === undefined || chunk.length === 0) return true
    this.account(chunk)
    if (this.owedBytes === 0) this.isBodySent = true
    return this.sendBody(connection, chunk, this.owedBytes === undefined ? '\r\n' : '')
  }

  end(chunk?: Buffer, trailers = ''): void {
    const { connection } = this
    if (connection === undefined) return
    const isEmpty = chunk === undefined || chunk.length === 0
    if (!isEmpty) this.account(chunk)
    if (this.isSwitched) {
      connection.finish(chunk)
      return
    }
    if (this.owedBytes !== undefined && this.owedBytes > 0) {
      this.abort()
      throw new RangeError('the request body is shorter than its length')
    }
    const wasBodySent = this.isBodySent
    this.isBodySent = true
    if (this.owedBytes === undefined) {
      if (wasBodySent) return
      this.sendBody(connection, isEmpty ? undefined : chunk, `${isEmpty ? '' : '\r\n'}0\r\n${trailers}\r\n`)
    } else if (!isEmpty) this.sendBody(connection, chunk, '')
  }

  /** The upstream agreed to another protocol: what is written from now on is not framed and has no length. */
  switchProtocol(stallTicks: number): void {
    this.isSwitched = true
    this.isBodySent = false
    this.owedBytes = Number.POSITIVE_INFINITY
    this.timeoutTicks = stallTicks
    this.connection?.touch()
  }

  pause(): void {
    this.connection?.pause()
  }

  resume(): void {
    this.connection?.resume()
  }

  abort(): void {
    this.connection?.close()
  }

  /** Sends the head alone, when no body came with it in the turn it was made, or none will come. */
  sendHead(): void {
    if (!this.isHeadHeld || this.connection === undefined) return
    this.isHeadHeld = false
    this.connection.send(this.head, undefined, '')
    this.connection.touch()
  }

  private account(chunk: Buffer): void {
    const isTooMuch = this.owedBytes === undefined ? this.isBodySent : chunk.length > this.owedBytes
    if (isTooMuch) {
      this.abort()
      throw new RangeError('the request body is longer than its length, or goes on after its end')
    }
    if (this.owedBytes !== undefined) this.owedBytes -= chunk.length
  }

  private sendBody(connection: Connection, chunk: Buffer | undefined, after: string): boolean {
    const head = this.isHeadHeld ? this.head : ''
    this.isHeadHeld = false
    const size = this.owedBytes === undefined && chunk !== undefined ? `${chunk.length.toString(16)}\r\n` : ''
    const isRoomLeft =
      chunk === undefined
        ? connection.send(head + after, undefined, '')
        : connection.send(head + size, chunk, after)
    connection.touch()
    return isRoomLeft
  }
}

let held: Exchange[] = []

function sendHeldHeads(): void {
  const due = held
  held = []
  for (const exchange of due) exchange.sendHead()
}
