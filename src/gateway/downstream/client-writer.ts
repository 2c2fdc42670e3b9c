import type { Socket } from 'node:net'
import { JoinedWriter } from '../wire/joined-write.ts'
import type { ConnectionOwner } from './connection-owner.ts'

const never = Number.POSITIVE_INFINITY

/** Writes to a client, and knows when it no longer reads. */
export class ClientWriter {
  /** The last of an answer was handed over, and the client has not taken it yet. */
  isFlushing = false

  private readonly socket: Socket
  private readonly joined: JoinedWriter
  private readonly owner: ConnectionOwner
  /** Tick at which the client must have read some of what was written. */
  private deadline = never
  private unreadBytes = 0

  constructor(socket: Socket, owner: ConnectionOwner) {
    this.socket = socket
    this.joined = new JoinedWriter(socket)
    this.owner = owner
  }

  /** True while the system has not taken all that was written. */
  get isHolding(): boolean {
    return this.joined.unsentBytes > 0
  }

  /** Writes latin1 text, a piece of a body, text. False: wait for `drain` of the socket. */
  send(before: string, chunk: Buffer | undefined, after: string): boolean {
    const isRoomLeft = this.joined.write(before, chunk, after)
    if (!isRoomLeft) this.awaitReader()
    return isRoomLeft
  }

  /** Calls `then` when everything that was written has left; never, when the connection ends before. */
  flush(then: () => void): void {
    this.isFlushing = true
    this.awaitReader()
    // Written behind everything else: its callback comes when all of that is gone.
    this.socket.write('', 'latin1', (error) => {
      if (!error) then()
    })
  }

  /** Nothing is left to be read. */
  settle(): void {
    this.isFlushing = false
    this.deadline = never
  }

  /** False when the client has not read anything for too long. */
  isRead(tick: number): boolean {
    if (this.deadline > tick) return true
    if (this.joined.unsentBytes === this.unreadBytes) return false
    this.awaitReader()
    return true
  }

  private awaitReader(): void {
    this.unreadBytes = this.joined.unsentBytes
    this.deadline = this.owner.tick + this.owner.silenceTicks
  }
}
