import { type Refusal, refuse } from '#contract/outcome.ts'
import { withoutOwnCookies } from '#contract/own-cookie.ts'
import { isRequestId } from '#contract/request-id.ts'
import { bearerToken } from '#domain/key.ts'
import { type Treatment, treatmentOf } from './field-treatment.ts'
import { hostWithoutPort } from './host-name.ts'
import type { HeadForUpstream, RequestHead } from './request-head.ts'
import type { FieldLines } from './wire/field-block.ts'
import { trimmed } from './wire/field-value.ts'

/** Reads and checks the fields of a request; refuses what two servers could understand differently. */
export function readRequestHead(fields: FieldLines, httpVersion: string): RequestHead | Refusal {
  const { text, spans, spanCount } = fields
  const head = new Reading(fields)
  // Lines that go on unchanged are cut out in one piece as long as they stand together.
  let runStart = -1
  for (let span = 0; span < spanCount; span += 3) {
    const start = spans[span] as number
    const colonAt = spans[span + 1] as number
    const treatment = treatmentOf(text.slice(start, colonAt))
    if (treatment === 'pass') {
      if (runStart === -1) runStart = start
      continue
    }
    if (runStart !== -1) head.lines += text.slice(runStart, start)
    runStart = -1
    if (treatment === 'drop') continue
    if (treatment === 'forwarded') {
      head.forwardedLines += text.slice(start, (spans[span + 2] as number) + 2)
      continue
    }
    if (treatment === 'method') {
      head.methodLines += text.slice(start, (spans[span + 2] as number) + 2)
      continue
    }
    const refusal = head.take(treatment, trimmed(text, colonAt + 1, spans[span + 2] as number))
    if (refusal !== undefined) return refusal
  }
  if (runStart !== -1) head.lines += text.slice(runStart, (spans[spanCount - 1] as number) + 2)
  return head.finish(httpVersion) ?? head
}

class Reading implements RequestHead {
  readonly ok = true
  readonly fields: FieldLines
  host = ''
  rawHost = ''
  authorization: string | undefined = undefined
  apiKeyHeader: string | undefined = undefined
  requestId: string | undefined = undefined
  forwardedFor: string | undefined = undefined
  forwardedProto: string | undefined = undefined
  forwardedLines = ''
  methodLines = ''
  body: RequestHead['body'] = 'none'
  lines = ''
  isLast = false
  expectsContinue = false
  upgrade = ''
  wantsTrailers = false
  bearer: string | undefined = undefined
  isRepeated = false
  forUpstream: HeadForUpstream | undefined = undefined
  private hasHost = false
  private offered = ''
  private offersTrailers = false
  private connection = ''

  constructor(fields: FieldLines) {
    this.fields = fields
  }

  take(treatment: Treatment, value: string): Refusal | undefined {
    switch (treatment) {
      case 'host':
        if (this.hasHost) return malformed('Host', 'is there twice')
        this.hasHost = true
        this.rawHost = value
        break
      case 'authorization':
        if (this.authorization !== undefined) return malformed('Authorization', 'is there twice')
        this.authorization = value
        this.bearer = bearerToken(value)
        break
      case 'key':
        this.apiKeyHeader ??= value
        break
      case 'cookie':
        this.takeCookies(withoutOwnCookies(value))
        break
      case 'id':
        this.requestId = isRequestId(value) ? value : undefined
        break
      case 'length':
        if (!plainLength.test(value) || this.body !== 'none')
          return malformed('Content-Length', 'is not one number')
        this.body = Number(value)
        break
      case 'coding':
        if (value.toLowerCase() !== 'chunked' || this.body !== 'none')
          return malformed('Transfer-Encoding', 'is not understood')
        this.body = 'chunked'
        break
      case 'connection':
        this.connection = this.connection === '' ? value : `${this.connection},${value}`
        break
      case 'expect':
        this.expectsContinue = value.toLowerCase() === '100-continue'
        break
      case 'te':
        if (/(^|,)[ \t]*trailers[ \t]*(,|$)/i.test(value)) this.offersTrailers = true
        break
      case 'upgrade':
        this.offered = this.offered === '' ? value.toLowerCase() : `${this.offered},${value.toLowerCase()}`
        break
      case 'for':
        this.forwardedFor = this.forwardedFor === undefined ? value : `${this.forwardedFor}, ${value}`
        break
      case 'proto':
        this.forwardedProto ??= value
        break
    }
    return undefined
  }

  private takeCookies(value: string): void {
    if (value !== '') this.lines += `Cookie: ${value}\r\n`
  }

  /** What only all fields together tell. */
  finish(httpVersion: string): Refusal | undefined {
    const isCurrent = httpVersion === '1.1'
    if (!this.hasHost && isCurrent) return malformed('Host', 'is missing')
    const host = hostWithoutPort(this.rawHost)
    if (host === undefined) return malformed('Host', 'is not a host name')
    this.host = host
    if (this.body === 'chunked' && !isCurrent)
      return malformed('Transfer-Encoding', 'is not understood in HTTP/1.0')
    if (!isCurrent) this.expectsContinue = false
    this.takeConnection(isCurrent)
    return undefined
  }

  private takeConnection(isCurrent: boolean): void {
    const connection = this.connection.toLowerCase()
    if (connection === '' || connection === 'keep-alive') {
      this.isLast = !isCurrent && connection === ''
      return
    }
    const named = new Set(connection.split(',').map((name) => name.trim()))
    this.isLast = named.has('close') || (!isCurrent && !named.has('keep-alive'))
    if (named.has('upgrade')) this.upgrade = this.offered
    // RFC 9110 section 10.1.4: TE is this connection's affair, and says so.
    this.wantsTrailers = this.offersTrailers && named.has('te')
    this.lines = withoutNamed(this.lines, named)
    this.forwardedLines = withoutNamed(this.forwardedLines, named)
    this.methodLines = withoutNamed(this.methodLines, named)
  }
}

const plainLength = /^\d{1,15}$/

// RFC 9110 section 7.6.1: headers that Connection names belong to this hop.
function withoutNamed(lines: string, named: ReadonlySet<string>): string {
  return lines
    .split('\r\n')
    .filter((line) => line !== '' && !named.has(line.slice(0, line.indexOf(':')).toLowerCase()))
    .map((line) => `${line}\r\n`)
    .join('')
}

const malformed = (header: string, reason: string): Refusal =>
  refuse('invalid_request', `${header} ${reason}`, { field: header, reason })
