import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { cities, forecast, observe } from './weather.ts'

const maxEchoBytes = 1024 * 1024

type Answer = (request: IncomingMessage, response: ServerResponse, url: URL) => void | Promise<void>

/** A weather API that is running: where it answers and how to end it. */
export interface WeatherApi {
  readonly url: string
  close(): Promise<void>
}

/** Starts the sample API; port 0 picks a free one. Rejects when the port is taken. */
export async function startWeatherApi(options: { port: number; host?: string }): Promise<WeatherApi> {
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : undefined)
    })
  })
  const host = options.host ?? '127.0.0.1'
  server.listen(options.port, host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://${host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://weather.invalid')
  const method = request.method === 'HEAD' ? 'GET' : (request.method ?? 'GET')
  const found = endpoints[`${method} ${url.pathname}`] ?? (method === 'GET' ? forecastOf(url) : undefined)
  if (found === undefined) return json(request, response, 404, { error: `no ${method} ${url.pathname} here` })
  await found(request, response, url)
}

const endpoints: Readonly<Record<string, Answer>> = {
  'GET /': (request, response) =>
    json(request, response, 200, {
      name: 'Weather API',
      endpoints: ['/weather?city=', '/cities', '/forecast/{city}?days=', '/echo', '/stream'],
    }),
  'GET /cities': (request, response) => json(request, response, 200, { cities }),
  'GET /stream': stream,
  'GET /weather': (request, response, url) => {
    const city = url.searchParams.get('city') ?? 'Lagos'
    if (city.trim() === '') return json(request, response, 400, { error: 'city is empty' })
    json(request, response, 200, observe(city))
  },
  'POST /echo': echo,
}

function forecastOf(url: URL): Answer | undefined {
  const match = /^\/forecast\/([^/]+)$/.exec(url.pathname)
  if (match?.[1] === undefined) return undefined
  const encoded = match[1]
  return (request, response) => {
    const days = Number(url.searchParams.get('days') ?? '3')
    if (!Number.isInteger(days) || days < 1 || days > 14) {
      return json(request, response, 400, { error: 'days is a whole number from 1 to 14' })
    }
    json(request, response, 200, forecast(readable(encoded), days))
  }
}

function readable(encoded: string): string {
  try {
    return decodeURIComponent(encoded)
  } catch {
    return encoded
  }
}

async function echo(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxEchoBytes) {
      response.setHeader('connection', 'close')
      return json(request, response, 413, { error: 'the body is larger than 1 MiB' })
    }
    chunks.push(chunk)
  }
  const body = Buffer.concat(chunks).toString('utf8')
  json(request, response, 200, { method: request.method, headers: request.headers, body })
}

function stream(request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
  if (request.method === 'HEAD') {
    response.end()
    return
  }
  for (const [index, city] of cities.entries()) {
    response.write(`id: ${index + 1}\nevent: weather\ndata: ${JSON.stringify(observe(city))}\n\n`)
  }
  response.end('data: [DONE]\n\n')
}

function json(request: IncomingMessage, response: ServerResponse, status: number, body: unknown): void {
  const bytes = Buffer.from(`${JSON.stringify(body)}\n`)
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length })
  response.end(request.method === 'HEAD' ? undefined : bytes)
}

function portFrom(argv: readonly string[]): number {
  const at = argv.findIndex((word) => word === '--port' || word.startsWith('--port='))
  const word = argv[at]
  if (word === undefined) return 9000
  return Number(word.includes('=') ? word.slice('--port='.length) : argv[at + 1])
}

async function main(): Promise<void> {
  const port = portFrom(process.argv.slice(2))
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    console.error('error: --port is a number from 0 to 65535')
    process.exitCode = 2
    return
  }
  try {
    const api = await startWeatherApi({ port })
    console.log(`Weather API on ${api.url}, for example ${api.url}/weather?city=Lagos`)
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void api.close())
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 1
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
