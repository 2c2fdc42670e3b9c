import type { UpstreamRequest } from './types.ts'

const methodPattern = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const unsafeTarget = /[^\x21-\x7e\x80-\xff]/
const beyondLatin1 = /[^\0-\xff]/

/** The request's line and headers as one latin1 string, framed for its body; a RangeError when it could not be sent safely. */
export function requestHead(request: UpstreamRequest): string {
  const { method, target, headers, fixedLines, body, upgrade } = request
  if (method !== 'GET' && !methodPattern.test(method)) throw new RangeError('the method is not a token')
  if (target === '' || unsafeTarget.test(target)) throw new RangeError('the target has unsafe characters')
  if (!isHeaderBlock(headers)) throw new RangeError('the headers have unsafe characters')
  const welcome = request.wantsTrailers === true ? 'TE: trailers\r\nConnection: TE\r\n' : ''
  const offer = upgrade === undefined ? welcome : offerOf(upgrade.protocol, body)
  const fixed = fixedLines === undefined ? '' : fixedLines.text
  return `${method} ${target} HTTP/1.1\r\n${fixed}${headers}${offer}${framingOf(body)}`
}

/** Header lines that were found safe to send, to be sent more than once. */
export class CheckedLines {
  readonly text: string

  private constructor(text: string) {
    this.text = text
  }

  /** Undefined when they could not be sent safely. */
  static of(text: string): CheckedLines | undefined {
    return isHeaderBlock(text) ? new CheckedLines(text) : undefined
  }
}

/**
 * True for whole lines that stay the lines they are on the wire: no NUL, CR or LF but the CRLF at each end, no empty
 * line, nothing that latin1 would turn into something else. Searching is several times cheaper than one regex over all.
 */
function isHeaderBlock(headers: string): boolean {
  let start = 0
  while (start < headers.length) {
    const end = headers.indexOf('\n', start)
    if (end < start + 2 || headers.indexOf('\r', start) !== end - 1) return false
    start = end + 1
  }
  return !headers.includes('\0') && !beyondLatin1.test(headers)
}

function offerOf(protocol: string, body: UpstreamRequest['body']): string {
  if (body !== 'none' || !methodPattern.test(protocol))
    throw new RangeError('an upgrade has a protocol and no body')
  return `Connection: Upgrade\r\nUpgrade: ${protocol}\r\n`
}

function framingOf(body: UpstreamRequest['body']): string {
  if (body === 'none') return '\r\n'
  if (body === 'chunked') return 'Transfer-Encoding: chunked\r\n\r\n'
  if (!Number.isSafeInteger(body) || body < 0) throw new RangeError('the body length is not a length')
  return `Content-Length: ${body}\r\n\r\n`
}
