import type { Socket } from 'node:net'
import type { HeaderList } from '../wire/header-list.ts'
import { JoinedWriter } from '../wire/joined-write.ts'
import { PieceMemory } from '../wire/piece-memory.ts'
import type { Dialer } from './dialer.ts'
import type { Exchange } from './exchange.ts'
import { ResponseParser, type ResponseSink } from './response-parser.ts'
import type { UpstreamFailure } from './types.ts'

/** What a connection needs from the pool that it belongs to. */
export interface ConnectionOwner {
  /** The pool's clock: grows by one with every sweep. */
  readonly tick: number
  /** So many of its ticks last at least this long. */
  ticksOf(durationMs: number): number
  /** The connection is free for another request. */
  onReusable(connection: Connection, keepAliveMs: number | undefined): void
  /** The connection is closed and carries nothing any more. */
  onClosed(connection: Connection): void
  /** A reused connection was already dead when a repeatable request was sent on it. */
  onStale(exchange: Exchange): void
}

/** One socket to the upstream and the exchange it carries, if any. Whatever comes without one closes it. */
export class Connection implements ResponseSink {
  exchange: Exchange | undefined
  /** Tick at which waiting is over, for the exchange or for being idle. */
  deadline = Number.POSITIVE_INFINITY
  /** Tick at which connecting must have succeeded. */
  connectDeadline: number

  private readonly owner: ConnectionOwner
  private readonly socket: Socket
  private readonly writer: JoinedWriter
  private readonly parser: ResponseParser
  private memory = PieceMemory.take()
  private isReady = false
  private isReused = false
  private isPaused = false
  private isBlocked = false
  private isClosed = false

  constructor(owner: ConnectionOwner, dialer: Dialer, maxHeadBytes: number, connectTicks: number) {
    this.owner = owner
    this.connectDeadline = owner.tick + connectTicks
    this.parser = new ResponseParser(this, maxHeadBytes)
    this.socket = dialer.dial({
      buffer: () => this.memory.bytes,
      callback: (byteCount) => this.onRead(byteCount),
    })
    this.writer = new JoinedWriter(this.socket)
    this.socket.on(dialer.readyEvent, () => this.onReady())
    this.socket.on('drain', () => this.onDrain())
    this.socket.on('end', () => this.onFinish())
    this.socket.on('error', (error: NodeJS.ErrnoException) =>
      this.fail(this.isReady ? 'reset' : 'connect', error.message || error.code || error.name),
    )
    this.socket.on('close', () => this.fail(this.isReady ? 'reset' : 'connect', 'the connection was closed'))
  }

  /** Takes an exchange on, on a connection that is new or was reported reusable. */
  carry(exchange: Exchange): void {
    this.exchange = exchange
    this.deadline = exchange.deadline
    this.isBlocked = false
    this.parser.begin(exchange.request.method === 'HEAD', exchange.request.upgrade?.protocol)
  }

  /** Sends text, a piece of a body and text, together; the strings are latin1. False: wait for onDrain. */
  send(before: string, chunk: Buffer | undefined, after: string): boolean {
    const isRoomLeft = this.writer.write(before, chunk, after)
    if (!isRoomLeft) this.isBlocked = true
    return isRoomLeft
  }

  /** Ends our side of a connection that has left HTTP; the upstream may still speak. */
  finish(last: Buffer | undefined): void {
    if (last !== undefined) this.socket.write(last)
    this.socket.end()
  }

  /** It is connected, and nothing that it was given to send is still here. */
  get hasSentAll(): boolean {
    return this.isReady && this.writer.unsentBytes === 0
  }

  /** Starts the waiting time anew, or stops it while it is not the upstream that everybody waits for. */
  touch(): void {
    const { exchange } = this
    if (exchange === undefined || !this.isReady) return
    const isUpstreamsTurn = !this.isPaused && (exchange.isBodySent || this.isBlocked)
    this.deadline = isUpstreamsTurn ? this.owner.tick + exchange.timeoutTicks : Number.POSITIVE_INFINITY
  }

  pause(): void {
    if (this.isPaused) return
    this.isPaused = true
    // Earlier it would stop the TLS handshake.
    if (this.isReady) this.socket.pause()
    this.touch()
  }

  resume(): void {
    if (!this.isPaused) return
    this.isPaused = false
    if (this.isReady) this.socket.resume()
    this.touch()
  }

  /** A deadline has passed. */
  expire(): void {
    if (this.exchange === undefined) this.close()
    else if (!this.isReady && this.connectDeadline < this.deadline)
      this.fail('connect', 'connecting took too long')
    else this.fail('timeout', 'the upstream kept silent too long')
  }

  /** Closes at once; the exchange on it, if any, hears nothing more. */
  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.parser.stop()
    if (this.exchange !== undefined) this.exchange.connection = undefined
    this.exchange = undefined
    this.socket.destroy()
    this.owner.onClosed(this)
  }

  onHead(status: number, reason: string, headers: HeaderList, bodyLength: number | undefined): void {
    const { exchange } = this
    if (exchange === undefined) return
    const { upgrade } = exchange.request
    if (status === 101 && upgrade !== undefined) exchange.switchProtocol(this.owner.ticksOf(upgrade.stallMs))
    this.touch()
    exchange.listener.onHead(status, reason, headers, bodyLength)
  }

  // Ranges are of the memory that is being read.
  onBody(_bytes: Buffer, start: number, end: number): void {
    const { exchange } = this
    if (exchange === undefined) return
    this.touch()
    if (!exchange.listener.onData(this.memory.lend(start, end)) && this.exchange === exchange) this.pause()
  }

  onComplete(
    _bytes: Buffer,
    start: number,
    end: number,
    trailers: readonly string[],
    isReusable: boolean,
  ): void {
    const { exchange } = this
    if (exchange === undefined) return
    const last = start === end ? undefined : this.memory.lend(start, end)
    const isSent = exchange.isBodySent && this.writer.unsentBytes === 0
    if (isReusable && isSent) this.release(exchange)
    else this.close()
    exchange.listener.onEnd(last, trailers)
  }

  private release(exchange: Exchange): void {
    exchange.connection = undefined
    this.exchange = undefined
    this.isReused = true
    if (this.isPaused) this.resume()
    this.owner.onReusable(this, this.parser.keepAliveMs)
  }

  private onRead(byteCount: number): boolean {
    // Nobody asked for these bytes: were they kept, they would become the answer to the next request.
    if (this.exchange === undefined) this.close()
    else if (this.exchange.isHeadHeld) this.fail('reset', 'the upstream spoke before it was asked')
    else {
      const { memory } = this
      const problem = this.parser.push(memory.bytes, 0, byteCount)
      if (memory.isLent) {
        this.memory = PieceMemory.take()
        memory.close()
      }
      if (problem !== undefined) this.fail('protocol', problem)
    }
    return !this.isPaused
  }

  private onReady(): void {
    this.isReady = true
    this.connectDeadline = Number.POSITIVE_INFINITY
    if (this.isPaused) this.socket.pause()
    if (this.exchange?.isBodySent === false) this.touch()
  }

  private onDrain(): void {
    this.isBlocked = false
    const { exchange } = this
    if (exchange === undefined || exchange.isBodySent) return
    this.touch()
    exchange.listener.onDrain()
  }

  private onFinish(): void {
    if (!this.parser.finish()) this.fail('reset', 'the connection was closed before the answer was complete')
  }

  private fail(failure: UpstreamFailure, detail: string): void {
    if (this.isClosed) return
    const { exchange, isReady } = this
    const isStale = failure === 'reset' && this.isReused && this.parser.isUntouched
    this.close()
    if (exchange === undefined) return
    // A second failure meets a connection that is new, and is final.
    if (isStale && exchange.isRepeatable) this.owner.onStale(exchange)
    else exchange.listener.onFailure(failure, detail, isReady)
  }
}
