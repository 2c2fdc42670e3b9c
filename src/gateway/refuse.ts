import { errorBody, statusOf } from '#contract/envelope.ts'
import type { Refusal } from '#contract/outcome.ts'
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
