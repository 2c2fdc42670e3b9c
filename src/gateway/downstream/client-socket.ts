import type { Socket } from 'node:net'
import { type BorrowedReads, borrowReads } from './borrowed-reads.ts'
import { ClientWriter } from './client-writer.ts'
import type { ConnectionOwner } from './connection-owner.ts'

const open = 0
/** Everything is answered; what still comes is dropped, so that the client can read the answer before the end. */
const lingering = 1
const over = 2

/** What the socket of a client tells. */
export interface SocketSink {
  /** Bytes, lent for the call; none any more once the socket is ending. */
  onBytes(bytes: Buffer): void
  /** More of an answer may be written. */
  onDrain(): void
  /** The client has ended its side. */
  onHalfClosed(): void
  /** Called once, unless the socket was let go. */
  onClosed(): void
}

/** An accepted socket: tells what comes, and ends in one of a few ways. */
export class ClientSocket {
  readonly remoteAddress: string
  readonly isSecure: boolean
  readonly writer: ClientWriter
  isHalfClosed = false

  private readonly sink: SocketSink
  private readonly reads: BorrowedReads
  private readonly socket: Socket
  private phase: number = open

  constructor(sink: SocketSink, owner: ConnectionOwner, accepted: Socket) {
    const reads = borrowReads(accepted, this.onBytes)
    const { socket } = reads
    this.sink = sink
    this.reads = reads
    this.socket = socket
    this.writer = new ClientWriter(socket, owner)
    this.isSecure = 'encrypted' in socket
    const address = socket.remoteAddress ?? ''
    this.remoteAddress = address.startsWith('::ffff:') ? address.slice(7) : address
    socket.on('drain', this.onDrain)
    socket.on('end', this.onEnd)
    socket.on('error', this.onError)
    socket.on('close', this.onClose)
  }

  get isOpen(): boolean {
    return this.phase === open
  }

  pause(): void {
    this.socket.pause()
  }

  resume(): void {
    if (this.socket.isPaused()) this.socket.resume()
  }

  /** Writes text that is no answer to a request. */
  tell(text: string): void {
    this.socket.write(text, 'latin1')
  }

  /** Ends our side, and leaves the client time to read what it was sent. */
  linger(): void {
    this.phase = lingering
    this.socket.end()
    this.socket.resume()
  }

  /** Closes when everything has left. */
  close(): void {
    this.phase = over
    this.socket.destroySoon()
  }

  /** Ends in such a way that the client sees that its answer is not whole. */
  cut(): void {
    this.phase = over
    // Under TLS an end without its alert says the same.
    if (this.isSecure) this.socket.destroy()
    else this.socket.resetAndDestroy()
  }

  destroy(): void {
    this.socket.destroy()
  }

  /** From now on the socket belongs to somebody else. */
  letGo(): Socket {
    const { socket } = this
    this.phase = over
    this.reads.release()
    socket.off('drain', this.onDrain)
    socket.off('end', this.onEnd)
    socket.off('error', this.onError)
    socket.off('close', this.onClose)
    return socket
  }

  private readonly onBytes = (bytes: Buffer): void => {
    if (this.phase === open) this.sink.onBytes(bytes)
  }

  private readonly onDrain = (): void => {
    if (!this.writer.isFlushing) this.writer.settle()
    this.sink.onDrain()
  }

  private readonly onEnd = (): void => {
    this.isHalfClosed = true
    if (this.phase === lingering) this.destroy()
    else if (this.phase === open) this.sink.onHalfClosed()
  }

  private readonly onError = (): void => {
    // A close follows, and says it all.
  }

  private readonly onClose = (): void => {
    this.phase = over
    this.sink.onClosed()
  }
}
