import { errorBody, type ListMeta, statusOf, successBody } from '#contract/envelope.ts'
import type { Refusal } from '#contract/outcome.ts'

const json = 'application/json; charset=utf-8'

/** A JSON answer with a status and headers. */
export function jsonAnswer(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': json, ...headers } })
}

/** Data in the success envelope. */
export function dataAnswer(
  data: unknown,
  extra: { status?: number; headers?: Readonly<Record<string, string>>; meta?: ListMeta } = {},
): Response {
  const body = successBody(data, extra.meta === undefined ? {} : { meta: extra.meta })
  return jsonAnswer(extra.status ?? 200, body, extra.headers)
}

/** A refusal in the error envelope, with the headers that its status asks for. */
export function refusalAnswer(
  refusal: Omit<Refusal, 'ok'>,
  requestId: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const status = statusOf(refusal)
  const more: Record<string, string> = { ...headers }
  if (status === 401) more['www-authenticate'] = 'Bearer realm="apigate"'
  // What is left of the body is not read, so that the connection cannot carry another request.
  if (status === 413) more['connection'] = 'close'
  const retryAfter = refusal.details?.['retry_after']
  if (typeof retryAfter === 'number') more['retry-after'] = String(retryAfter)
  return jsonAnswer(status, errorBody(refusal, requestId), more)
}

/** An answer without a body. */
export function emptyAnswer(status: 204 | 304, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(null, { status, headers: { ...headers } })
}
