import { type Refusal, refuse } from '#contract/outcome.ts'
import { readRequestHead } from '../read-request-head.ts'
import type { RequestHead } from '../request-head.ts'
import type { FieldLines } from '../wire/field-block.ts'

/** The head of an HTTP/2 request as the pipeline reads heads. */
export interface Http2Head {
  readonly method: string
  readonly target: string
  readonly head: RequestHead | Refusal
}

/** What no field may hold, so that it stays the one line that it is. */
export const unsafeValue = /[\0\r\n]|[^\0-\xff]/
/** They belong to an HTTP/1.1 connection (RFC 9113, section 8.2.2). */
const connectionFields = /^(connection|keep-alive|proxy-connection|transfer-encoding|upgrade)$/

/** Reads Node's flat list of a request's fields, the ones that begin with a colon among them. */
export function readHttp2Head(rawHeaders: readonly string[], isBodyless: boolean): Http2Head {
  const pseudo = new Map<string, string>()
  let text = ''
  const spans: number[] = []
  const cookies: string[] = []
  let host: string | undefined
  let problem: string | undefined
  let wantsTrailers = false
  const add = (name: string, value: string): void => {
    const start = text.length
    text += `${name}: ${value}\r\n`
    spans.push(start, start + name.length, text.length - 2)
  }
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string
    const value = rawHeaders[index + 1] as string
    if (unsafeValue.test(value) || connectionFields.test(name)) problem = `${name} cannot be sent`
    if (name.startsWith(':')) pseudo.set(name, value)
    else if (name === 'host') {
      if (host !== undefined) problem = 'host is there twice'
      host = value
    } else if (name === 'cookie') cookies.push(value)
    else if (name === 'te') wantsTrailers = value.toLowerCase() === 'trailers'
    else add(name, value)
  }
  const authority = pseudo.get(':authority')
  if (host !== undefined && authority !== undefined && host.toLowerCase() !== authority.toLowerCase())
    problem = 'host is not :authority'
  const named = authority ?? host
  if (named !== undefined) add('host', named)
  // RFC 9113 section 8.2.3: several fields of an HTTP/2 request are one in HTTP/1.1.
  if (cookies.length > 0) add('cookie', cookies.join('; '))
  const method = pseudo.get(':method') ?? ''
  const target = pseudo.get(':path') ?? named ?? ''
  if (problem !== undefined)
    return { method, target, head: refuse('invalid_request', `The request is malformed: ${problem}`) }
  const fields: FieldLines = { text, spans, spanCount: spans.length }
  const head = readRequestHead(fields, '1.1')
  if (!head.ok) return { method, target, head }
  // Without a length the body ends with the stream.
  const body = isBodyless || head.body !== 'none' ? head.body : 'chunked'
  return { method, target, head: { ...head, body, wantsTrailers } }
}

/** Header lines, each ended by CRLF, as the fields of an HTTP/2 answer. */
export function http2Fields(lines: string): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = {}
  for (const line of lines.split('\r\n')) {
    const colonAt = line.indexOf(':')
    if (colonAt < 1) continue
    const name = line.slice(0, colonAt).toLowerCase()
    const value = line.slice(colonAt + 1).trim()
    if (connectionFields.test(name)) continue
    const before = fields[name]
    if (name === 'set-cookie') fields[name] = [...(Array.isArray(before) ? before : []), value]
    else fields[name] = before === undefined ? value : `${String(before)}, ${value}`
  }
  return fields
}
