import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { Server as TlsServer } from 'node:tls'
import { onTestFinished } from 'vitest'

/** A server that speaks raw bytes, and what it has seen. */
export interface RawUpstream {
  readonly port: number
  readonly url: string
  /** Every connection so far, in order. */
  readonly sockets: readonly Socket[]
  /** Every request head so far, in order, with the number of its connection (from 0). */
  readonly heads: readonly { readonly connection: number; readonly text: string }[]
  /** Resolves when the connection of this number is closed. */
  closed(connection: number): Promise<void>
}

/** Called for each request head: the socket, the head, its number on this connection, the connection's number, body bytes that came with it. */
export type Respond = (socket: Socket, head: string, turn: number, connection: number, rest: Buffer) => void

/** Serves `respond` until the test is over. Bodies are the responder's to read: `rest` first, then the socket. */
export async function startRawUpstream(
  respond: Respond,
  server: Server = createServer(),
): Promise<RawUpstream> {
  const sockets: Socket[] = []
  const heads: { connection: number; text: string }[] = []
  const closings: Promise<void>[] = []
  server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', accept)
  function accept(socket: Socket): void {
    const connection = sockets.push(socket) - 1
    closings.push(new Promise((resolve) => socket.once('close', () => resolve())))
    socket.on('error', () => socket.destroy())
    let turn = 0
    let held = ''
    socket.on('data', (bytes) => {
      held += bytes.toString('latin1')
      const end = held.indexOf('\r\n\r\n')
      if (end === -1) return
      const text = held.slice(0, end + 4)
      const rest = Buffer.from(held.slice(end + 4), 'latin1')
      held = ''
      heads.push({ connection, text })
      respond(socket, text, turn++, connection, rest)
    })
  }
  server.listen({ port: 0, backlog: 2048 })
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    sockets,
    heads,
    closed: (connection) => closings[connection] ?? Promise.reject(new Error(`no connection ${connection}`)),
  }
}

/** A complete answer with this body. */
export const answerOf = (body: string, headers = ''): string =>
  `HTTP/1.1 200 OK\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
