import { STATUS_CODES } from 'node:http'
import { errorBody, statusOf } from '#contract/envelope.ts'
import type { Refusal } from '#contract/outcome.ts'
import { securityHeaders, strictTransportSecurity } from '#contract/security-headers.ts'
import type { Inbound } from './inbound.ts'

const fixedLines = [
  ...securityHeaders,
  ['Content-Type', 'application/json; charset=utf-8'],
  ['Cache-Control', 'no-store'],
]
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join('')

const secureLine = `${strictTransportSecurity.join(': ')}\r\n`

/**
 * Answers a refusal with the error body of the contracts; `extraLines` are further header lines, each ended by CRLF. `isSecure` says
 * whether its client speaks HTTPS, maybe with a proxy.
 */
export function answerRefusal(
  inbound: Inbound,
  refusal: Refusal,
  requestId: string,
  extraLines = '',
  { isSecure } = inbound as { readonly isSecure: boolean },
): void {
  const status = statusOf(refusal)
  const body = JSON.stringify(errorBody(refusal, requestId))
  const challenge = status === 401 ? 'WWW-Authenticate: Bearer realm="apigate"\r\n' : ''
  inbound.sendHead({
    status,
    reason: '',
    lines: `${fixedLines}${isSecure ? secureLine : ''}X-Request-Id: ${requestId}\r\n${extraLines}${challenge}`,
    hasDate: false,
    bodyLength: Buffer.byteLength(body),
  })
  inbound.end(body)
}

/** The whole answer to bytes that are no request, after which the connection ends. */
export function unreadableAnswer(refusal: Refusal, requestId: string, isSecure: boolean): string {
  const status = statusOf(refusal)
  const body = JSON.stringify(errorBody(refusal, requestId))
  return (
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n${fixedLines}${isSecure ? secureLine : ''}X-Request-Id: ${requestId}\r\n` +
    `Date: ${new Date().toUTCString()}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  )
}
