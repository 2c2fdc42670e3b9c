import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { onTestFinished } from 'vitest'

/** A frame as it stands on the wire, unmasked. */
export interface WireFrame {
  readonly opcode: number
  readonly isFinal: boolean
  readonly reserved: number
  readonly isMasked: boolean
  readonly payload: Buffer
}

/** One end of a WebSocket, at the level of frames. */
export interface FrameSocket {
  readonly socket: Socket
  /** What has come and was not asked for yet. */
  readonly frames: WireFrame[]
  send(opcode: number, payload?: Buffer | string, options?: { isFinal?: boolean; reserved?: number }): boolean
  sendText(text: string): boolean
  /** The next frame; fails when the connection ends before. */
  next(): Promise<WireFrame>
  /** The next text; what comes before it is passed over. */
  nextText(): Promise<string>
  /** Resolves when the other side has ended the connection. */
  ended(): Promise<void>
}

/** What a server answered to an upgrade. */
export interface Upgraded {
  readonly status: number
  readonly head: string
  /** Everything after the head of an answer that is no 101, once the connection has ended or as much as its length. */
  readonly body: string
  readonly ws: FrameSocket
}

const sampleKey = 'dGhlIHNhbXBsZSBub25jZQ=='

/** What a server answers to a key (RFC 6455, section 4.2.2). */
export const acceptFor = (key: string): string =>
  createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')

/** The bytes of a frame. */
export function frameBytes(
  opcode: number,
  payload: Buffer | string = '',
  options: { isFinal?: boolean; reserved?: number; isMasked?: boolean } = {},
): Buffer {
  const { isFinal = true, reserved = 0, isMasked = false } = options
  const data = Buffer.from(payload)
  const size = data.length > 65_535 ? 127 : data.length > 125 ? 126 : data.length
  const extended = Buffer.alloc(size === 127 ? 8 : size === 126 ? 2 : 0)
  if (size === 126) extended.writeUInt16BE(data.length)
  if (size === 127) extended.writeBigUInt64BE(BigInt(data.length))
  const mask = isMasked ? Buffer.from([1, 2, 3, 4]) : Buffer.alloc(0)
  const body = isMasked ? data.map((octet, index) => octet ^ (mask[index % 4] as number)) : data
  return Buffer.concat([
    Buffer.of((isFinal ? 0x80 : 0) | reserved | opcode, (isMasked ? 0x80 : 0) | size),
    extended,
    mask,
    body,
  ])
}

/** A close frame's payload. */
export function closePayload(code: number, reason = ''): Buffer {
  const payload = Buffer.alloc(2 + Buffer.byteLength(reason))
  payload.writeUInt16BE(code)
  payload.write(reason, 2)
  return payload
}

/** The code and reason of a close frame. */
export const closing = ({ opcode, payload }: WireFrame): [opcode: number, code: number, reason: string] => [
  opcode,
  payload.length < 2 ? 0 : payload.readUInt16BE(),
  payload.subarray(2).toString(),
]

/** Speaks frames over a socket whose bytes so far end with `rest`. */
export function frameSocket(socket: Socket, rest: Buffer, isClient: boolean): FrameSocket {
  const frames: WireFrame[] = []
  let held = rest
  let isEnded = false
  const waiting = new Set<() => void>()
  const look = (): void => {
    for (const check of [...waiting]) check()
  }
  const take = (): void => {
    for (;;) {
      const frame = readFrame(held)
      if (frame === undefined) break
      held = held.subarray(frame.length)
      frames.push(frame.frame)
    }
    look()
  }
  const end = (): void => {
    isEnded = true
    look()
  }
  socket.on('data', (bytes: Buffer) => {
    held = Buffer.concat([held, bytes])
    take()
  })
  socket.on('end', end).on('close', end).on('error', end)
  const until = <T>(found: () => T | undefined, isHopeless: () => boolean): Promise<T> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        const value = found()
        if (value !== undefined) resolve(value)
        else if (isHopeless()) reject(new Error('the connection ended before'))
        else return
        waiting.delete(check)
      }
      waiting.add(check)
      check()
    })
  const next = (): Promise<WireFrame> =>
    until(
      () => frames.shift(),
      () => isEnded,
    )
  take()
  return {
    socket,
    frames,
    send: (opcode, payload, options) =>
      socket.write(frameBytes(opcode, payload, { ...options, isMasked: isClient })),
    sendText: (text) => socket.write(frameBytes(1, text, { isMasked: isClient })),
    next,
    async nextText() {
      for (;;) {
        const frame = await next()
        if (frame.opcode === 1) return frame.payload.toString()
      }
    },
    ended: () =>
      until(
        () => (isEnded ? (true as const) : undefined),
        () => false,
      ).then(() => undefined),
  }
}

function readFrame(bytes: Buffer): { frame: WireFrame; length: number } | undefined {
  if (bytes.length < 2) return undefined
  const [first = 0, second = 0] = bytes
  const short = second & 0x7f
  const extended = short === 127 ? 8 : short === 126 ? 2 : 0
  const isMasked = (second & 0x80) !== 0
  const start = 2 + extended + (isMasked ? 4 : 0)
  if (bytes.length < start) return undefined
  const size =
    short === 127 ? Number(bytes.readBigUInt64BE(2)) : short === 126 ? bytes.readUInt16BE(2) : short
  if (bytes.length < start + size) return undefined
  const mask = isMasked ? bytes.subarray(start - 4, start) : undefined
  const payload = Buffer.from(bytes.subarray(start, start + size))
  if (mask !== undefined)
    for (let at = 0; at < size; at++) payload[at] = (payload[at] as number) ^ (mask[at % 4] as number)
  const frame = {
    opcode: first & 0x0f,
    isFinal: (first & 0x80) !== 0,
    reserved: first & 0x70,
    isMasked,
    payload,
  }
  return { frame, length: start + size }
}

/** Asks for a WebSocket, and resolves with whatever is answered; the connection ends with the test. */
export async function openWebSocket(
  url: string,
  headers: Readonly<Record<string, string>> = {},
  options: { tls?: ConnectionOptions; early?: Buffer; omit?: readonly string[]; method?: string } = {},
): Promise<Upgraded> {
  const { hostname: host, port, pathname, search } = new URL(url)
  const isTls = url.startsWith('https:')
  const socket = isTls
    ? connectTls({
        host,
        port: Number(port),
        servername: 'localhost',
        ALPNProtocols: ['http/1.1'],
        ...options.tls,
      })
    : connectTcp({ host, port: Number(port), allowHalfOpen: true })
  socket.on('error', () => {})
  await once(socket, isTls ? 'secureConnect' : 'connect')
  onTestFinished(() => void socket.destroy())
  const all: Record<string, string> = {
    Host: `${host}:${port}`,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': sampleKey,
    ...headers,
  }
  const lines = Object.entries(all)
    .filter(([name]) => !options.omit?.includes(name))
    .map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`${options.method ?? 'GET'} ${pathname}${search} HTTP/1.1\r\n${lines.join('')}\r\n`)
  if (options.early !== undefined) socket.write(options.early)
  const { head, rest } = await readHead(socket)
  const status = Number(head.slice(9, 12))
  const length = status === 101 ? 0 : Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0)
  let body = rest
  while (body.length < length) {
    const [more] = (await once(socket, 'data')) as [Buffer]
    body = Buffer.concat([body, more])
  }
  return {
    status,
    head,
    body: status === 101 ? '' : body.toString(),
    ws: frameSocket(socket, status === 101 ? rest : Buffer.alloc(0), true),
  }
}

async function readHead(socket: Socket): Promise<{ head: string; rest: Buffer }> {
  let bytes = Buffer.alloc(0)
  return new Promise((resolve, reject) => {
    const onData = (more: Buffer): void => {
      bytes = Buffer.concat([bytes, more])
      const end = bytes.indexOf('\r\n\r\n')
      if (end === -1) return
      socket.off('data', onData)
      resolve({ head: bytes.toString('latin1', 0, end + 4), rest: bytes.subarray(end + 4) })
    }
    socket.on('data', onData)
    socket.once('close', () => reject(new Error(`closed after: ${bytes.toString('latin1')}`)))
  })
}
