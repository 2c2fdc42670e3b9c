import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request as the upstream saw it. */
export interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly rawHeaders: readonly string[]
  readonly body: string
}

/** A real HTTP server that answers as the test says and remembers what it was asked. */
export interface Upstream {
  readonly url: string
  readonly seen: Seen[]
  /** Answers from now on; `seen` has the request already, with its whole body. */
  answer(handler: (request: IncomingMessage, response: ServerResponse, seen: Seen) => void): void
  close(): Promise<void>
}

/** Starts an upstream that answers `{"ok":true}` until it is told otherwise. */
export async function startUpstream(): Promise<Upstream> {
  const plain = (_request: IncomingMessage, response: ServerResponse): void => {
    response.setHeader('content-type', 'application/json')
    response.end('{"ok":true}')
  }
  let handler: (request: IncomingMessage, response: ServerResponse, seen: Seen) => void = plain
  const seen: Seen[] = []
  // A connection stays as long as its client keeps it: closed from here, it would depend on how long a test takes.
  const server = createServer({ keepAliveTimeout: 3_600_000 }, (request, response) => {
    const chunks: Buffer[] = []
    request.on('error', () => {})
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers, rawHeaders } = request
      const one = { method, url, headers, rawHeaders, body: Buffer.concat(chunks).toString() }
      seen.push(one)
      handler(request, response, one)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    answer(next) {
      handler = next
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
