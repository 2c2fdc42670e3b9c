import { type BoundSocket, type OnReadOpts, Socket } from 'node:net'

/** The one read buffer of all connections: a read is over before the next one begins, so none needs its own. */
const shared = Buffer.allocUnsafeSlow(64 * 1024)

/** An accepted socket whose bytes go to a function. */
export interface BorrowedReads {
  readonly socket: Socket
  /** From now on the socket is an ordinary stream, for whoever takes it over. */
  release(): void
}

/**
 * Starts to read a socket that was accepted with `pauseOnConnect`. The bytes that `take` gets are lent to it for the call.
 * Node allocates 64 KiB for each read of an accepted socket, which costs more than reading a request does. Its remedy,
 * `onread`, is an option for new sockets only; so the connection moves to a new one, where this Node lets it, and is
 * read in the ordinary way where not.
 */
export function borrowReads(accepted: Socket, take: (bytes: Buffer) => void): BorrowedReads {
  const { _handle: handle } = accepted as Socket & { _handle?: { useUserBuffer?: unknown } | null }
  // A handle under TLS belongs to its socket.
  if ('encrypted' in accepted) return ordinaryReads(accepted, take)
  if (handle === undefined || handle === null || typeof handle.useUserBuffer !== 'function')
    return ordinaryReads(accepted, take)
  let isReleased = false
  const onread: OnReadOpts = {
    buffer: shared,
    callback(byteCount) {
      if (isReleased) return socket.push(Buffer.from(shared.subarray(0, byteCount)))
      take(shared.subarray(0, byteCount))
      return true
    },
  }
  Object.assign(accepted, { _handle: null })
  const socket = new Socket({ allowHalfOpen: true, onread, handle: handle as unknown as BoundSocket })
  // Its server counts the accepted socket until that is closed.
  socket.once('close', () => accepted.destroy())
  return {
    socket,
    release() {
      isReleased = true
    },
  }
}

/** The same with the socket as it is. */
export function ordinaryReads(socket: Socket, take: (bytes: Buffer) => void): BorrowedReads {
  socket.on('data', take)
  socket.resume()
  return {
    socket,
    release: () => {
      socket.off('data', take)
    },
  }
}
