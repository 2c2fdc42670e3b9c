import type { Socket } from 'node:net'
import { type Refusal, refuse } from '#contract/outcome.ts'
import type { TakenSocket } from '../inbound.ts'
import { requestTrailers } from '../trailers.ts'
import { PieceMemory } from '../wire/piece-memory.ts'
import { ClientSocket, type SocketSink } from './client-socket.ts'
import type { ConnectionOwner } from './connection-owner.ts'
import { InboundRequest } from './inbound-request.ts'
import { Patience } from './patience.ts'
import { type IntakeSink, RequestIntake } from './request-intake.ts'

/** A refused request may still be sending: small bodies are read to their end, larger ones end the connection. */
const skippedBodyBytes = 65_536

/** One socket of a client. Its requests are answered strictly one after the other; nothing is parsed before its turn. */
export class ClientConnection implements IntakeSink, SocketSink {
  private readonly owner: ConnectionOwner
  private readonly client: ClientSocket
  private readonly intake: RequestIntake
  private request: InboundRequest | undefined = undefined
  private isBodyPaused = false
  private keepsAlive = true
  private readonly patience: Patience

  constructor(owner: ConnectionOwner, accepted: Socket) {
    this.owner = owner
    this.client = new ClientSocket(this, owner, accepted)
    this.intake = new RequestIntake(this, owner.maxHeadBytes)
    this.patience = new Patience(owner)
  }

  get remoteAddress(): string {
    return this.client.remoteAddress
  }

  get isSecure(): boolean {
    return this.client.isSecure
  }

  /** True while no request is answered and none has begun to arrive. */
  get isIdle(): boolean {
    return this.request === undefined && this.intake.isAtStart
  }

  get isOpen(): boolean {
    return this.client.isOpen
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
    return this.client.writer.send(before, chunk, after)
  }

  /** The last byte of the answer was handed over. */
  complete(request: InboundRequest): void {
    const { writer } = this.client
    request.detach()
    if (writer.isHolding) writer.flush(() => this.onAnswered(request))
    else this.onAnswered(request)
  }

  /** Leaves HTTP after this text: the socket, paused, with what its client has sent since its request. */
  leave(request: InboundRequest, text: string): TakenSocket | undefined {
    const { client } = this
    if (this.request !== request || !client.isOpen || client.isHalfClosed) return undefined
    client.pause()
    const early = this.intake.takeRest()
    client.tell(text)
    const socket = client.letGo()
    this.release(request)
    this.owner.onClosed(this)
    return { socket, early }
  }

  /** Ends the connection in such a way that the client sees that the answer is not whole. */
  cut(request: InboundRequest): void {
    this.release(request)
    this.client.cut()
  }

  /** Closes a connection that is idle. */
  close(): void {
    this.patience.forSweep()
    this.client.close()
  }

  destroy(): void {
    this.client.destroy()
  }

  /** Looks at the deadlines; called with every sweep. */
  check(tick: number): void {
    if (!this.client.writer.isRead(tick)) this.destroy()
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
    const { client, intake } = this
    if (intake.isTaking || !client.isOpen) return
    intake.takeHeld()
    if (!client.isOpen || this.isBodyPaused) return
    if (intake.isHolding) client.pause()
    else if (client.isHalfClosed && this.request === undefined) this.finish()
    else client.resume()
  }

  endBody(request: InboundRequest): void {
    if (this.request === request) this.tell(request, () => request.body?.onEnd(''))
  }

  onBytes(bytes: Buffer): void {
    this.intake.take(bytes)
    if (this.intake.isHolding && this.client.isOpen) this.client.pause()
  }

  onDrain(): void {
    const { request } = this
    if (request !== undefined) this.tell(request, () => request.watcher?.onWritable())
  }

  onHalfClosed(): void {
    const { intake, request } = this
    if (intake.isHolding) return
    if (!intake.isAtStart) this.onUnreadable(refuse('invalid_request', 'The request is cut off'))
    else if (request === undefined) this.finish()
    else if (this.client.writer.isFlushing) return
    else if (request.isBegun) this.destroy()
    else if (request.httpVersion === '1.1') this.patience.forSweep()
  }

  onClosed(): void {
    if (this.request !== undefined) this.abort(this.request)
    this.owner.onClosed(this)
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
      const isRoomLeft = start === end || request.body?.onData(PieceMemory.copy(bytes, start, end))
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
    this.client.tell(this.owner.unreadable(refusal, this.isSecure))
    this.linger()
  }

  private pauseBody(): void {
    this.isBodyPaused = true
    this.patience.forNothing()
    this.client.pause()
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
    this.client.writer.settle()
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
    this.patience.forEnd()
    this.client.linger()
  }

  private expire(): void {
    const { request } = this
    if (!this.client.isOpen) this.destroy()
    else if (request !== undefined && this.client.isHalfClosed) this.probe(request)
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
    this.client.tell('HTTP/1.1 102 Processing\r\n\r\n')
    this.patience.forProbe()
  }

  private giveAway(rest: Buffer): void {
    if (this.client.isHalfClosed) {
      this.close()
      return
    }
    const socket = this.client.letGo()
    const bytes = Buffer.concat([Buffer.from(this.intake.parser.headText, 'latin1'), rest])
    this.owner.onForeign(this, socket, bytes)
  }
}

function goOn(connection: ClientConnection): void {
  connection.goOn()
}

function endBody(connection: ClientConnection, request: InboundRequest): void {
  connection.endBody(request)
}
