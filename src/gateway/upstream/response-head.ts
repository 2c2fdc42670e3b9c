import type { FieldBlock } from '../wire/field-block.ts'
import { trimmed } from '../wire/field-value.ts'
import type { HeaderList } from '../wire/header-list.ts'
import { fieldKind, kindOf } from './header-kinds.ts'

/** A response head as a proxy needs it: what to pass on, and how the body is framed on this connection. */
export interface ResponseHead {
  readonly status: number
  readonly reason: string
  /** Flat list of the fields to pass on. */
  readonly headers: HeaderList
  /** Undefined when chunked or until close, 0 when no body follows. */
  readonly bodyLength: number | undefined
  readonly isChunked: boolean
  /** Nothing in the head forbids another request on this connection. */
  readonly keepsConnection: boolean
  /** How long the upstream says that it keeps an idle connection; undefined when it does not say. */
  readonly keepAliveMs: number | undefined
  /** The protocol that the connection goes on with, in lower case; undefined when the head does not change it. */
  readonly upgrade: string | undefined
}

const keepAliveTimeout = /(?:^|[\s,;])timeout=(\d{1,7})(?![\d.])/i
const lengthPattern = /^\d{1,15}$/

/** Interprets a complete head block; a string says why its framing is refused (RFC 9112, sections 6.1 and 6.3, strictly). */
export function readResponseHead(block: FieldBlock, isHeadRequest: boolean): ResponseHead | string {
  const { text, spans, spanCount } = block
  const status = Number(text.slice(9, 12))
  let headers: string[] = []
  let length: string | undefined
  let isChunked = false
  let isClosing = text.charCodeAt(7) !== 0x31
  let keepAliveMs: number | undefined
  let named: Set<string> | undefined
  let upgrade: string | undefined
  for (let span = 0; span < spanCount; span += 3) {
    const name = text.slice(spans[span], spans[span + 1])
    const value = trimmed(text, (spans[span + 1] as number) + 1, spans[span + 2] as number)
    switch (kindOf(name)) {
      case fieldKind.plain:
        headers.push(name, value)
        break
      case fieldKind.contentLength: {
        const one = singleLength(value)
        if (one === undefined) return 'Content-Length is not a number'
        if (length !== undefined && length !== one) return 'several Content-Length differ'
        length = one
        break
      }
      case fieldKind.transferEncoding:
        if (isChunked || value.toLowerCase() !== 'chunked') return 'Transfer-Encoding is not just chunked'
        isChunked = true
        break
      case fieldKind.connection:
        if (value === 'keep-alive') break
        named ??= new Set()
        for (const token of value.split(',')) named.add(token.trim().toLowerCase())
        break
      case fieldKind.upgrade:
        upgrade = upgrade === undefined ? value.toLowerCase() : `${upgrade},${value.toLowerCase()}`
        break
      case fieldKind.keepAlive:
        keepAliveMs = Number(keepAliveTimeout.exec(value)?.[1] ?? Number.NaN) * 1000
        break
    }
  }
  if (isChunked && length !== undefined) return 'Transfer-Encoding and Content-Length together'
  if (isChunked && text.charCodeAt(7) !== 0x31) return 'Transfer-Encoding in HTTP/1.0'
  if (named !== undefined) {
    isClosing ||= named.has('close')
    headers = withoutNamed(headers, named)
  }
  const isBodyless = isHeadRequest || status < 200 || status === 204 || status === 304
  if (length !== undefined && (isHeadRequest || status === 304)) headers.push('Content-Length', length)
  const bodyLength = isBodyless ? 0 : length === undefined ? undefined : Number(length)
  return {
    status,
    reason: text.slice(13, block.startLineEnd),
    headers,
    bodyLength,
    isChunked: isChunked && !isBodyless,
    keepsConnection: !isClosing,
    keepAliveMs: Number.isNaN(keepAliveMs) ? undefined : keepAliveMs,
    upgrade: named?.has('upgrade') === true ? upgrade : undefined,
  }
}

/** The fields of a trailer block as a flat list, without those that frame the message or concern the connection. */
export function readTrailers(block: FieldBlock): string[] {
  const { text, spans, spanCount } = block
  const trailers: string[] = []
  for (let span = 0; span < spanCount; span += 3) {
    const name = text.slice(spans[span], spans[span + 1])
    if (kindOf(name) !== fieldKind.plain) continue
    trailers.push(name, trimmed(text, (spans[span + 1] as number) + 1, spans[span + 2] as number))
  }
  return trailers
}

/** One length out of a value that may repeat it (`5, 5`); undefined when it is not a length or not the same one. */
function singleLength(value: string): string | undefined {
  if (lengthPattern.test(value)) return value
  const members = value.split(',').map((member) => member.trim())
  const first = members[0] ?? ''
  return lengthPattern.test(first) && members.every((member) => member === first) ? first : undefined
}

function withoutNamed(headers: string[], named: ReadonlySet<string>): string[] {
  const kept: string[] = []
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] as string
    if (!named.has(name.toLowerCase())) kept.push(name, headers[index + 1] as string)
  }
  return kept
}
