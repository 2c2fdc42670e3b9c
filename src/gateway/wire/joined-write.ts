import type { Socket } from 'node:net'
import { borrowWrites, type TextWrites } from './borrowed-writes.ts'
import { giveBack, isPassedOn } from './piece-memory.ts'

// Up to 16 KiB Node encodes a string on its stack and writes it at once.
const joinedBytes = 15 * 1024

/** Writes latin1 text, a piece of a body and text in as few pieces as is cheapest. */
export class JoinedWriter {
  private readonly socket: Socket
  private readonly texts: TextWrites

  constructor(socket: Socket) {
    this.socket = socket
    this.texts = borrowWrites(socket)
  }

  /** More than nothing as long as the system has not taken all that was written. */
  get unsentBytes(): number {
    return this.texts.unsentBytes
  }

  /** False: wait for `drain` of the socket. */
  write(before: string, chunk: Buffer | undefined, after: string): boolean {
    const { texts, socket } = this
    if (chunk === undefined) return texts.write(before + after)
    if (chunk.length <= joinedBytes) return texts.write(before + chunk.toString('latin1') + after)
    socket.cork()
    if (before !== '') socket.write(before, 'latin1')
    let isRoomLeft = isPassedOn(chunk)
      ? socket.write(chunk, (error) => release(chunk, error))
      : socket.write(chunk)
    if (after !== '') isRoomLeft = socket.write(after, 'latin1')
    socket.uncork()
    return isRoomLeft
  }
}

// What a broken socket still holds is left to be collected.
function release(chunk: Buffer, error: Error | null | undefined): void {
  if (!error) giveBack(chunk)
}
