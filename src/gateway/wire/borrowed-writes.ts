import type { Socket } from 'node:net'
import { getSystemErrorName } from 'node:util'

/** Writes latin1 text to a socket, in the order of the calls, together with whatever else is written to it. */
export interface TextWrites {
  /** False: wait for `drain` of the socket. */
  write(text: string): boolean
  /** More than nothing as long as the system has not taken all that was written. */
  readonly unsentBytes: number
}

/** What Node keeps about a write until the system has taken all of it. */
interface WriteRequest {
  oncomplete: (status: number) => void
}

interface StreamHandle {
  readonly writeQueueSize: number
  writeLatin1String(request: WriteRequest, text: string): number
}

interface StreamBinding {
  readonly WriteWrap: new () => WriteRequest
  readonly streamBaseState: Int32Array
  readonly kLastWriteWasAsync: number
}

type HandledSocket = Socket & { readonly _handle?: Partial<StreamHandle> | null }

const binding = findBinding()

/**
 * The cheapest way to write to a socket. A stream of Node makes a request object, two callbacks and a tick of each write, although the
 * system nearly always takes a small text at once. Where this Node lets us, such a text goes straight to the socket's handle; where
 * anything waits, and under TLS, it goes the ordinary way, which keeps the order.
 */
export function borrowWrites(socket: Socket): TextWrites {
  return binding === undefined || 'encrypted' in socket
    ? ordinaryWrites(socket)
    : new BorrowedWrites(socket, binding)
}

/** The same with the socket as it is. */
export function ordinaryWrites(socket: Socket): TextWrites {
  return {
    write: (text) => socket.write(text, 'latin1'),
    get unsentBytes() {
      return socket.writableLength
    },
  }
}

class BorrowedWrites implements TextWrites {
  private readonly socket: HandledSocket
  private readonly binding: StreamBinding
  /** Used again and again, because Node looks at it only where the system did not take all. */
  private request: WriteRequest
  /** The system has taken a part only; Node sends the rest, and what is written after that behind it. */
  private isRestWaiting = false

  constructor(socket: Socket, { ...given }: StreamBinding) {
    this.socket = socket
    this.binding = given
    this.request = this.newRequest()
  }

  get unsentBytes(): number {
    const { socket, isRestWaiting } = this
    return socket.writableLength + (isRestWaiting ? (socket._handle?.writeQueueSize ?? 0) : 0)
  }

  write(text: string): boolean {
    const { socket, binding } = this
    const handle = socket._handle
    if (
      handle?.writeLatin1String === undefined ||
      this.isRestWaiting ||
      socket.writableLength > 0 ||
      socket.writableCorked > 0 ||
      socket.writableEnded ||
      socket.connecting
    )
      return socket.write(text, 'latin1')
    const status = handle.writeLatin1String(this.request, text)
    if (status !== 0) {
      socket.destroy(failureOf(status))
      return false
    }
    if (binding.streamBaseState[binding.kLastWriteWasAsync] !== 0) {
      this.isRestWaiting = true
      this.request = this.newRequest()
    }
    return true
  }

  private newRequest(): WriteRequest {
    const request = new this.binding.WriteWrap()
    request.oncomplete = (status) => {
      this.isRestWaiting = false
      if (status < 0 && !this.socket.destroyed) this.socket.destroy(failureOf(status))
    }
    return request
  }
}

function failureOf(status: number): Error {
  const code = getSystemErrorName(status)
  return Object.assign(new Error(`write ${code}`), { code, errno: status, syscall: 'write' })
}

/** The part of Node that its own sockets write with; undefined where it is out of reach or has another shape. */
function findBinding(): StreamBinding | undefined {
  try {
    const { binding: open } = process as unknown as { binding(name: string): Partial<StreamBinding> }
    const { WriteWrap, streamBaseState, kLastWriteWasAsync } = open('stream_wrap')
    if (typeof WriteWrap !== 'function' || !(streamBaseState instanceof Int32Array)) return undefined
    if (typeof kLastWriteWasAsync !== 'number') return undefined
    return { WriteWrap, streamBaseState, kLastWriteWasAsync }
  } catch {
    return undefined
  }
}
