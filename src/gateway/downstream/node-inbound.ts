import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Refusal } from '#contract/outcome.ts'
import type { AnswerHead, BodyListener, Inbound, InboundWatcher } from '../inbound.ts'
import { readRequestHead } from '../read-request-head.ts'
import type { RequestHead } from '../request-head.ts'
import { requestTrailers } from '../trailers.ts'
import type { FieldLines } from '../wire/field-block.ts'

// A refused request may still be sending: small bodies are read to their end, larger ones end the connection.
const skippedBodyBytes = 65_536

/** Node's request and response as the pipeline's Inbound. */
export class NodeInbound implements Inbound {
  readonly method: string
  readonly httpVersion: string
  readonly target: string
  readonly head: RequestHead | Refusal
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #expectsContinue: boolean
  readonly #bodySilenceMs: number
  #isReading = false

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    expectsContinue: boolean,
    bodySilenceMs: number,
  ) {
    this.#bodySilenceMs = bodySilenceMs
    this.#request = request
    this.#response = response
    this.#expectsContinue = expectsContinue
    this.method = request.method ?? 'GET'
    this.httpVersion = request.httpVersion
    this.target = request.url ?? '/'
    this.head = readRequestHead(fieldLines(request.rawHeaders), request.httpVersion)
    // Where the two readers of a head disagree, nothing that follows can be trusted.
    if (!this.head.ok) response.shouldKeepAlive = false
  }

  get remoteAddress(): string {
    const address = this.#request.socket.remoteAddress ?? ''
    return address.startsWith('::ffff:') ? address.slice(7) : address
  }

  get isSecure(): boolean {
    return 'encrypted' in this.#request.socket
  }

  get isAnswered(): boolean {
    return this.#response.headersSent || this.#response.destroyed
  }

  watch(watcher: InboundWatcher): void {
    this.#response.on('drain', () => watcher.onWritable())
    this.#response.on('close', () => {
      if (!this.#response.writableFinished) watcher.onAbort()
    })
  }

  readBody(listener: BodyListener): void {
    this.#isReading = true
    if (this.#expectsContinue) this.#response.writeContinue()
    this.#request.on('data', (chunk: Buffer) => {
      if (!listener.onData(chunk)) this.#request.pause()
    })
    const { socket } = this.#request
    socket.setTimeout(this.#bodySilenceMs)
    this.#request.on('timeout', () => {
      // Paused, it is the upstream that keeps us waiting.
      if (!this.#request.isPaused()) listener.onStall()
    })
    this.#request.on('end', () => {
      socket.setTimeout(0)
      listener.onEnd(requestTrailers(this.#request.rawTrailers))
    })
  }

  resumeBody(): void {
    this.#request.resume()
  }

  sendHead({ status, reason, lines, bodyLength }: AnswerHead): void {
    if (this.isAnswered) return
    if (this.#mayStillSend()) this.#response.shouldKeepAlive = false
    const headers = flatList(lines)
    const isBodyless = status === 204 || status === 304
    if (bodyLength !== undefined && !isBodyless) headers.push('Content-Length', String(bodyLength))
    if (reason === '') this.#response.writeHead(status, headers)
    else this.#response.writeHead(status, reason, headers)
  }

  flushHead(): void {
    this.#response.flushHeaders()
  }

  write(chunk: Buffer): boolean {
    return this.#response.write(chunk)
  }

  end(chunk?: Buffer | string, trailers = ''): void {
    if (trailers !== '') this.#response.addTrailers(pairsOf(trailers))
    if (chunk === undefined) this.#response.end()
    else this.#response.end(chunk)
  }

  destroy(): void {
    this.#response.destroy()
  }

  #mayStillSend(): boolean {
    if (this.#request.complete) return false
    if (this.#isReading) return true
    const { headers } = this.#request
    return (
      headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > skippedBodyBytes
    )
  }
}

/** Node's flat header list as the lines that it was read from. */
function fieldLines(rawHeaders: readonly string[]): FieldLines {
  let text = ''
  const spans: number[] = []
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string
    const start = text.length
    text += `${name}: ${rawHeaders[index + 1] as string}\r\n`
    spans.push(start, start + name.length, text.length - 2)
  }
  return { text, spans, spanCount: spans.length }
}

function pairsOf(lines: string): [string, string][] {
  const flat = flatList(lines)
  const pairs: [string, string][] = []
  for (let index = 0; index < flat.length; index += 2)
    pairs.push([flat[index] as string, flat[index + 1] as string])
  return pairs
}

function flatList(lines: string): string[] {
  const headers: string[] = []
  for (const line of lines.split('\r\n')) {
    const colonAt = line.indexOf(': ')
    if (colonAt > 0) headers.push(line.slice(0, colonAt), line.slice(colonAt + 2))
  }
  return headers
}
