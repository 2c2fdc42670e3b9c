import type { Socket } from 'node:net'

// Up to 16 KiB Node encodes a string on its stack and writes it at once.
const joinedBytes = 15 * 1024

/** Writes latin1 text, a piece of a body and text as few pieces as is cheapest. False: wait for `drain`. */
export function writeJoined(
  socket: Socket,
  before: string,
  chunk: Buffer | undefined,
  after: string,
): boolean {
  if (chunk === undefined) return socket.write(before + after, 'latin1')
  if (chunk.length <= joinedBytes) return socket.write(before + chunk.toString('latin1') + after, 'latin1')
  socket.cork()
  if (before !== '') socket.write(before, 'latin1')
  let isRoomLeft = socket.write(chunk)
  if (after !== '') isRoomLeft = socket.write(after, 'latin1')
  socket.uncork()
  return isRoomLeft
}
