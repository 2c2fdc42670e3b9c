import type { Socket } from 'node:net'

const lingerMs = 2_000

/**
 * From now on, when Node closes this connection after an answer, it ends our side only, and drops for a moment what the client still
 * sends: closed at once, the system would throw away the answer with what was not read.
 */
export function lingerAtEnd(socket: Socket): void {
  socket.destroySoon = () => {
    const timer = setTimeout(() => socket.destroy(), lingerMs).unref()
    socket.once('close', () => clearTimeout(timer))
    socket.end()
    socket.resume()
  }
}
