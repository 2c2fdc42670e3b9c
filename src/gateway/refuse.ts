import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { errorBody, statusOf } from '#contract/envelope.ts'
import { type Refusal, refuse } from '#contract/outcome.ts'
import { securityHeaders } from '#contract/security-headers.ts'
import type { Inbound } from './inbound.ts'

const fixed: readonly string[] = [
  ...securityHeaders.flat(),
  'Content-Type',
  'application/json; charset=utf-8',
  'Cache-Control',
  'no-store',
]

/** Answers a refusal with the error body of the contracts; `extra` is a flat list of further headers. */
export function answerRefusal(
  inbound: Inbound,
  refusal: Refusal,
  requestId: string,
  extra: readonly string[] = [],
): void {
  const status = statusOf(refusal)
  const body = JSON.stringify(errorBody(refusal, requestId))
  const headers = [...fixed, 'X-Request-Id', requestId, ...extra]
  if (status === 401) headers.push('WWW-Authenticate', 'Bearer realm="apigate"')
  headers.push('Content-Length', String(Buffer.byteLength(body)))
  inbound.sendHead(status, '', headers)
  inbound.end(body)
}

/** Answers bytes that are no request, as far as the connection still takes an answer, and ends it. */
export function answerUnreadable(socket: Socket, reason: string | undefined, requestId: string): void {
  if (!socket.writable || socket.bytesWritten > 0) {
    socket.destroy()
    return
  }
  const refusal = unreadable[reason ?? ''] ?? refuse('invalid_request', 'The request is malformed')
  const status = statusOf(refusal)
  const body = JSON.stringify(errorBody(refusal, requestId))
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, 'Connection: close']
  for (let index = 0; index < fixed.length; index += 2) lines.push(`${fixed[index]}: ${fixed[index + 1]}`)
  lines.push(`X-Request-Id: ${requestId}`, `Content-Length: ${Buffer.byteLength(body)}`)
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`)
}

const unreadable: Readonly<Record<string, Refusal>> = {
  ERR_HTTP_REQUEST_TIMEOUT: refuse('request_timeout', 'The request head did not arrive in time'),
  HPE_HEADER_OVERFLOW: refuse('headers_too_large', 'The request head is too large'),
}
