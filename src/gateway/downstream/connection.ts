import type { Socket } from 'node:net'
import { type Refusal, refuse } from '#contract/outcome.ts'
import type { TakenSocket } from '../inbound.ts'
import { requestTrailers } from '../trailers.ts'
import { type BorrowedReads, borrowReads } from './borrowed-reads.ts'
import { ClientWriter } from './client-writer.ts'
import type { ConnectionOwner } from './connection-owner.ts'
import { InboundRequest } from './inbound-request.ts'
import { Patience } from './patience.ts'
import { type IntakeSink, RequestIntake } from './request-intake.ts'

const open = 0
/** Everything is answered; what still comes is dropped, so that the client can read the answer before the end. */
const lingering = 1
const over = 2

/** A refused request may still be sending: small bodies are read to their end, larger ones end the connection. */
const skippedBodyBytes = 65_536

/** One socket of a client. Its requests are answered strictly one after the other; nothing is parsed before its turn. */
export class ClientConnection implements IntakeSink {
  readonly remoteAddress: string
  readonly isSecure: boolean

  private readonly owner: ConnectionOwner
  private readonly reads: BorrowedReads
  private readonly socket: Socket
  private readonly writer: ClientWriter
  private readonly intake: RequestIntake
  private request: InboundRequest | undefined = undefined
  private phase: number = open
  private isBodyPaused = false
  private isHalfClosed = false
  private keepsAlive = true
  private readonly patience: Patience

  constructor(owner: ConnectionOwner, accepted: Socket) {
    const reads = borrowReads(accepted, this.onBytes)
    const { socket } = reads
    this.owner = owner
    this.reads = reads
    this.socket = socket
    this.writer = new ClientWriter(socket, owner)
    this.intake = new RequestIntake(this, owner.maxHeadBytes)
    this.patience = new Patience(owner)
    this.isSecure = 'encrypted' in socket
    const address = socket.remoteAddress ?? ''
    this.remoteAddress = address.startsWith('::ffff:') ? address.slice(7) : address
    socket.on('drain', this.onDrain)
    socket.on('end', this.onEnd)
    socket.on('error', this.onError)
    socket.on('close', this.onClose)
  }

  /** True while no request is answered and none has begun to arrive. */
  get isIdle(): boolean {
    return this.request === undefined && this.intake.isAtStart
  }

  get isOpen(): boolean {
    return this.phase === open
  }

  get isAnswering(): boolean {
    return this.request !== undefined
  }

  get takesBody(): boolean {
    return this.request === undefined || (this.request.body !== undefined && !this.isBodyPaused)
  }

  get dateLine(): string {
    return this.owner.dateLine()
  }

  /** The lines that end the head of an answer; settles whether another request may follow. */
  endingLines(request: InboundRequest, isUntilClose: boolean): string {
    const { head, body } = request
    const isSkippable =
      this.intake.body.isComplete ||
      (body === undefined &&
        head.ok &&
        !head.expectsContinue &&
        this.intake.body.endsWithin(skippedBodyBytes))
    if (isUntilClose || !isSkippable || this.owner.isDraining) this.keepsAlive = false
    return this.keepsAlive ? this.owner.keptLines : 'Connection: close\r\n\r\n'
  }

  startBody(request: InboundRequest): void {
    if (this.request !== request) return
    if (request.head.ok && request.head.expectsContinue && !request.isAnswered)
      this.send('HTTP/1.1 100 Continue\r\n\r\n', undefined, '')
    if (this.intake.body.isComplete) process.nextTick(endBody, this, request)
    else this.awaitBody()
    if (!this.intake.isTaking) process.nextTick(goOn, this)
  }

  resumeBody(request: InboundRequest): void {
    if (this.request !== request || !this.isBodyPaused) return
    this.isBodyPaused = false
    this.awaitBody()
    this.goOn()
  }

  /** Writes latin1 text, a piece of a body, text. False: the watcher will hear when there is room again. */
  send(before: string, chunk: Buffer | undefined, after: string): boolean {
    return this.writer.send(before, chunk, after)
  }

  /** The last byte of the answer was handed over. */
  complete(request: InboundRequest): void {
    request.detach()
    if (!this.writer.isHolding) {
      this.onAnswered(request)
      return
    }
    this.writer.flush(() => this.onAnswered(request))
  }

  /** Leaves HTTP after this text: the socket, paused, with what its client has sent since its request. */
  leave(request: InboundRequest, text: string): TakenSocket | undefined {
    const { socket } = this
    if (this.request !== request || this.phase !== open || this.isHalfClosed) return undefined
    socket.pause()
    const early = this.intake.takeRest()
    socket.write(text, 'latin1')
    this.letGo()
    this.release(request)
    this.owner.onClosed(this)
    return { socket, early }
  }

  /** Ends the connection in such a way that the client sees that the answer is not whole. */
  cut(request: InboundRequest): void {
    this.release(request)
    this.phase = over
    // Under TLS an end without its alert says the same.
    if (this.isSecure) this.socket.destroy()
    else this.socket.resetAndDestroy()
  }

  /** Closes a connection that is idle. */
  close(): void {
    this.phase = over
    this.patience.forSweep()
    this.socket.destroySoon()
  }

  destroy(): void {
    this.socket.destroy()
  }

  /** Looks at the deadlines; called with every sweep. */
  check(tick: number): void {
    if (!this.writer.isRead(tick)) this.destroy()
    if (this.patience.isOver(tick)) this.expire()
  }

  /** Gives a listener of the pipeline its turn; what it throws must not reach the event loop. */
  tell(request: InboundRequest, call: () => void): void {
    try {
      call()
    } catch (error) {
      this.owner.onFailure(request, error)
    }
  }

  /** Takes up what was held, and reads on. */
  goOn(): void {
    if (this.intake.isTaking || this.phase !== open) return
    this.intake.takeHeld()
    if (this.phase !== open || this.isBodyPaused) return
    if (this.intake.isHolding) this.socket.pause()
    else if (this.isHalfClosed && this.request === undefined) this.finish()
    else if (this.socket.isPaused()) this.socket.resume()
  }

  endBody(request: InboundRequest): void {
    if (this.request === request) this.tell(request, () => request.body?.onEnd(''))
  }

  onHeadBegun(): void {
    this.patience.forHead()
  }

  onHead(bytes: Buffer, after: number): void {
    const { owner } = this
    const { parser, body } = this.intake
    const head = parser.readHead()
    if (head.ok && owner.isForeign(parser.target)) {
      this.giveAway(bytes.subarray(after))
      return
    }
    const request = new InboundRequest(this, parser, head)
    this.request = request
    this.patience.forNothing()
    // What follows a CONNECT may be meant for a tunnel that does not exist.
    this.keepsAlive = head.ok && !head.isLast && parser.method !== 'CONNECT'
    body.begin(head.ok ? head.body : 'none')
    owner.onRequest(request)
  }

  onBody(bytes: Buffer, start: number, end: number): void {
    const { request } = this
    const { isComplete } = this.intake.body
    if (request === undefined) {
      if (isComplete) this.patience.forRequest()
      return
    }
    this.awaitBody()
    this.tell(request, () => {
      // The bytes are lent to us for this call only.
      const isRoomLeft = start === end || request.body?.onData(Buffer.from(bytes.subarray(start, end)))
      if (this.request !== request) return
      if (isComplete) request.body?.onEnd(requestTrailers(this.intake.body.trailers))
      else if (isRoomLeft === false) this.pauseBody()
    })
  }

  /** Answers what is no request, if the client can still take an answer, and ends the connection. */
  onUnreadable(refusal: Refusal): void {
    const { request } = this
    if (request !== undefined) this.abort(request)
    if (request?.isBegun) {
      this.destroy()
      return
    }
    this.socket.write(this.owner.unreadable(refusal, this.isSecure))
    this.linger()
  }

  private pauseBody(): void {
    this.isBodyPaused = true
    this.patience.forNothing()
    this.socket.pause()
  }

  private awaitBody(): void {
    this.patience.forBody(this.intake.body.isComplete)
  }

  private onAnswered(request: InboundRequest): void {
    if (this.request !== request) return
    this.release(request)
    if (!this.keepsAlive) {
      this.finish()
      return
    }
    if (this.intake.body.isComplete) this.patience.forRequest()
    else this.awaitBody()
    this.goOn()
  }

  private release(request: InboundRequest): void {
    request.detach()
    this.request = undefined
    this.isBodyPaused = false
    this.writer.settle()
    this.owner.onOver(request)
  }

  /** The client is gone, or no longer makes sense. */
  private abort(request: InboundRequest): void {
    this.release(request)
    this.tell(request, () => request.watcher?.onAbort())
  }

  private finish(): void {
    if (!this.intake.body.isComplete || this.intake.isHolding) {
      this.linger()
      return
    }
    this.close()
  }

  private linger(): void {
    this.phase = lingering
    this.patience.forEnd()
    this.socket.end()
    this.socket.resume()
  }

  private expire(): void {
    const { request } = this
    if (this.phase !== open) this.destroy()
    else if (request !== undefined && this.isHalfClosed) this.probe(request)
    else if (request !== undefined) this.tell(request, () => request.body?.onStall())
    else if (this.patience.isForHead)
      this.onUnreadable(refuse('request_timeout', 'The request head did not arrive in time'))
    else if (this.intake.body.isComplete) this.close()
    else this.destroy()
  }

  /**
   * Did the client end only its side, or is it gone? Both look alike until something is sent: one that is gone answers with
   * a reset, which fails the write after it; one that is there skips informational answers (RFC 9110 section 15.2).
   */
  private probe(request: InboundRequest): void {
    if (request.isBegun) return
    this.socket.write('HTTP/1.1 102 Processing\r\n\r\n', 'latin1')
    this.patience.forProbe()
  }

  private giveAway(rest: Buffer): void {
    const { socket } = this
    if (this.isHalfClosed) {
      this.close()
      return
    }
    this.letGo()
    const bytes = Buffer.concat([Buffer.from(this.intake.parser.headText, 'latin1'), rest])
    this.owner.onForeign(this, socket, bytes)
  }

  /** From now on the socket belongs to somebody else. */
  private letGo(): void {
    const { socket } = this
    this.phase = over
    this.reads.release()
    socket.off('drain', this.onDrain)
    socket.off('end', this.onEnd)
    socket.off('error', this.onError)
    socket.off('close', this.onClose)
  }

  private readonly onBytes = (bytes: Buffer): void => {
    if (this.phase !== open) return
    this.intake.take(bytes)
    if (this.intake.isHolding && this.phase === open) this.socket.pause()
  }

  private readonly onDrain = (): void => {
    const { request } = this
    if (!this.writer.isFlushing) this.writer.settle()
    if (request !== undefined) this.tell(request, () => request.watcher?.onWritable())
  }

  private readonly onEnd = (): void => {
    this.isHalfClosed = true
    if (this.phase === lingering) {
      this.destroy()
      return
    }
    if (this.phase === over || this.intake.isHolding) return
    if (!this.intake.isAtStart) this.onUnreadable(refuse('invalid_request', 'The request is cut off'))
    else if (this.request === undefined) this.finish()
    else if (this.writer.isFlushing) return
    else if (this.request.isBegun) this.destroy()
    else if (this.request.httpVersion === '1.1') this.patience.forSweep()
  }

  private readonly onError = (): void => {
    // A close follows, and says it all.
  }

  private readonly onClose = (): void => {
    this.phase = over
    if (this.request !== undefined) this.abort(this.request)
    this.owner.onClosed(this)
  }
}

function goOn(connection: ClientConnection): void {
  connection.goOn()
}

function endBody(connection: ClientConnection, request: InboundRequest): void {
  connection.endBody(request)
}
