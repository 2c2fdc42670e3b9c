import type { CustomFetch } from 'openid-client'
import { Fault } from '#contract/outcome.ts'
import type { OutboundHttp } from '#ports/outbound-http.ts'

/** How long one request to an identity provider may take. */
export const identityTimeoutMs = 10_000
const mostResponseBytes = 1024 * 1024

/** Sends what the OpenID library asks for through the product's own client: bounded, and to no private address unless allowed. */
export function identityFetch(http: OutboundHttp, allowsPrivate: boolean): CustomFetch {
  return async (url, { method, headers, body, signal }) => {
    const text = body === null || body === undefined ? undefined : textOf(body)
    const result = await http({
      method,
      url: new URL(url),
      headers,
      timeoutMs: identityTimeoutMs,
      mostResponseBytes,
      allowsPrivate,
      ...(text === undefined ? {} : { body: text }),
      ...(signal === undefined ? {} : { signal }),
    })
    if (!result.ok) throw new Fault('service_unavailable', `the identity provider ${result.failure.reason}`)
    const { answer } = result
    const isEmpty = answer.status === 204 || answer.status === 304
    return new Response(isEmpty ? null : Buffer.from(answer.body), {
      status: answer.status,
      headers: answer.headers,
    })
  }
}

function textOf(body: unknown): string {
  if (typeof body === 'string' || body instanceof URLSearchParams) return body.toString()
  throw new Fault('internal_error', 'a request to an identity provider has a body of an unknown kind')
}
