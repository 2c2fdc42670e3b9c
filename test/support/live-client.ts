import { onTestFinished } from 'vitest'
import WebSocket from 'ws'

/** A live message, as it was sent. */
export interface LiveMessage {
  readonly event: string
  readonly id: string
  readonly data: Readonly<Record<string, unknown>>
  readonly at: string
}

/** A live client that keeps everything it was told. */
export interface LiveClient {
  readonly socket: WebSocket
  readonly messages: readonly LiveMessage[]
  /** Resolves when so many messages are there; rejects where the connection is over before. */
  received(count: number): Promise<readonly LiveMessage[]>
  /** Resolves when the connection is over. */
  closed(): Promise<{ code: number; reason: string }>
}

/** Opens a live connection that ends with the test; throws the status and error type where it is refused. */
export async function watch(
  url: string,
  path: string,
  options: { token?: string; headers?: Record<string, string>; protocols?: string[] } = {},
): Promise<LiveClient> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}${path}`, options.protocols ?? [], {
    headers: {
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      ...options.headers,
    },
  })
  onTestFinished(() => socket.terminate())
  const messages: LiveMessage[] = []
  const waiting = new Set<() => void>()
  const closing = Promise.withResolvers<{ code: number; reason: string }>()
  socket.on('message', (bytes) => {
    messages.push(JSON.parse(String(bytes)))
    for (const look of waiting) look()
  })
  socket.on('close', (code, reason) => closing.resolve({ code, reason: String(reason) }))
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
    socket.once('unexpected-response', (_request, response) => {
      let text = ''
      response.on('data', (bytes) => {
        text += bytes
      })
      response.on('end', () => reject(new Error(`${response.statusCode} ${JSON.parse(text).error.type}`)))
    })
  })
  return {
    socket,
    messages,
    received: (count) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (messages.length < count) return
          waiting.delete(look)
          resolve(messages)
        }
        waiting.add(look)
        look()
        closing.promise.then(({ code, reason }) => reject(new Error(`closed with ${code} ${reason}`)), reject)
      }),
    closed: () => closing.promise,
  }
}
