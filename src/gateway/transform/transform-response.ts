import type { RequestFacts } from '#ports/expression.ts'
import type { ResponseTransform } from '#ports/route-plans.ts'
import { headerValues } from '../measure/flat-headers.ts'
import { jsonBody } from './body.ts'
import { bodyOf, failureOf, type TransformFailure, textsOf } from './evaluate.ts'
import { withoutHeaders } from './header-lines.ts'

/** An answer before it is transformed. */
export interface PlainResponse {
  readonly status: number
  /** The upstream's headers as a flat list, before anything of ours is added. */
  readonly headers: readonly string[]
  /** The plain body, where `plan.needsBody`; null when there is none (HEAD, 204, 304). */
  readonly body: Buffer | null
  readonly request: RequestFacts
}

/** An answer after it. */
export interface TransformedResponse {
  readonly ok: true
  readonly headers: string[]
  /** The new body, plain; null leaves the upstream's as it was sent. Its length is the caller's to write. */
  readonly body: Buffer | null
}

/** Describes the upstream's body, byte for byte; not true of one that was made anew. */
const ofOldBody = new Set([
  'accept-ranges',
  'content-digest',
  'content-encoding',
  'content-length',
  'content-md5',
  'content-range',
  'digest',
  'etag',
  'repr-digest',
])
const contentType = new Set(['content-type'])

const readsNoBody = ({ text }: ResponseTransform['setHeaders'][number]): boolean =>
  typeof text === 'string' || !text.usesBody

/** Applies a route's response_transform; every expression sees the answer as it came. */
export function transformResponse(
  plan: ResponseTransform,
  response: PlainResponse,
): TransformedResponse | TransformFailure {
  try {
    const { variables } = plan
    const context = {
      status: response.status,
      request: response.request,
      ...(variables.has('headers') ? { headers: headerValues(response.headers) } : undefined),
      ...(variables.has('body') ? { body: jsonBody(response.body) } : undefined),
    }
    // An answer without body (HEAD, 304) cannot tell what a header reads from it.
    const told = response.body === null ? plan.setHeaders.filter(readsNoBody) : plan.setHeaders
    const set = textsOf(told, context, true)
    const isEmpty = response.body === null || response.body.length === 0
    const made = plan.body === null || isEmpty ? undefined : bodyOf(plan.body, context)
    let headers = withoutHeaders(response.headers, plan.droppedHeaders)
    // The head of an answer without body describes the body that a GET would get: that one is made anew, too.
    if (plan.body !== null) headers = withoutHeaders(headers, ofOldBody)
    if (made?.isJson === true && !set.some(([name]) => name.toLowerCase() === 'content-type'))
      headers = [...withoutHeaders(headers, contentType), 'Content-Type', 'application/json; charset=utf-8']
    for (const header of set) headers.push(...header)
    return { ok: true, headers, body: made === undefined ? null : made.bytes }
  } catch (error) {
    return failureOf(error, 'response_transform')
  }
}
