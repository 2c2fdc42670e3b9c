import { createServer, type Server, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { startRawUpstream } from './raw-upstream.ts'
import { acceptFor, type FrameSocket, frameSocket } from './web-socket.ts'

/** A server that speaks WebSocket at the level of frames. */
export interface WebSocketUpstream {
  readonly url: string
  readonly heads: readonly { readonly text: string }[]
  /** The next connection that was upgraded. */
  next(): Promise<FrameSocket>
  /** Resolves when the connection of this number is closed. */
  closed(connection: number): Promise<void>
}

/** The lines of an agreeing answer. */
export const agreement = (head: string, extra = ''): string =>
  `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
  `Sec-WebSocket-Accept: ${acceptFor(/^sec-websocket-key: (\S+)/im.exec(head)?.[1] ?? '')}\r\n${extra}\r\n`

/** Starts one that agrees to every upgrade, or answers with what `answer` gives. */
export async function startWebSocketUpstream(
  answer: (head: string) => string = agreement,
  onOpen: (ws: FrameSocket, head: string) => void = () => {},
  server: Server = createServer(),
): Promise<WebSocketUpstream> {
  const opened: FrameSocket[] = []
  const waiting: ((ws: FrameSocket) => void)[] = []
  const upgraded = new Set<Socket>()
  const upstream = await startRawUpstream((socket, head, _turn, _connection, rest) => {
    if (upgraded.has(socket)) return
    const text = answer(head)
    socket.write(text, 'latin1')
    if (!text.startsWith('HTTP/1.1 101')) return
    upgraded.add(socket)
    socket.removeAllListeners('data')
    const ws = frameSocket(socket, rest, false)
    onOpen(ws, head)
    const first = waiting.shift()
    if (first === undefined) opened.push(ws)
    else first(ws)
  }, server)
  onTestFinished(() => {
    waiting.length = 0
  })
  return {
    url: upstream.url,
    heads: upstream.heads,
    closed: upstream.closed,
    next: () => {
      const ws = opened.shift()
      return ws === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(ws)
    },
  }
}

/** Sends every message back, and answers closes and pings, until it is closed. */
export async function echoFrames(ws: FrameSocket): Promise<void> {
  for (;;) {
    const frame = await ws.next().catch(() => undefined)
    if (frame === undefined) return
    const { opcode, payload, isFinal, reserved } = frame
    ws.send(opcode === 9 ? 10 : opcode, payload, { isFinal, reserved })
    if (opcode === 8) ws.socket.end()
  }
}
