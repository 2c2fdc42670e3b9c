import type { CallerFacts, RequestFacts, Values } from '#ports/expression.ts'
import type { RequestTransform } from '#ports/route-plans.ts'
import { readableCodings } from '../measure/content-coding.ts'
import { headerValues } from '../measure/flat-headers.ts'
import { jsonBody } from './body.ts'
import { bodyOf, failureOf, type TransformFailure, textsOf } from './evaluate.ts'
import { flatOf, linesOf, withoutHeaders } from './header-lines.ts'
import { changedQuery, queryValues } from './query.ts'

/** A request before it is transformed. */
export interface PlainRequest {
  readonly method: string
  readonly path: string
  /** With its `?`, or empty. */
  readonly query: string
  /** The header lines that go on to the upstream, each ended by CRLF (`RequestHead.lines`). */
  readonly lines: string
  readonly captures: Values
  /** Empty texts on a public route. */
  readonly key: CallerFacts
  /** The plain body, where `plan.needsBody`; null when there is none. */
  readonly body: Buffer | null
}

/** A request after it. */
export interface TransformedRequest {
  readonly ok: true
  readonly query: string
  readonly lines: string
  /** The new body, plain; null leaves the body that was sent, with its coding. */
  readonly body: Buffer | null
}

/** Describes a body; not true any more of one that was made anew. */
const ofOldBody = new Set(['content-digest', 'content-encoding', 'content-md5', 'digest'])
const contentType = new Set(['content-type'])

/** Applies a route's request_transform; every expression sees the request as it came. */
export function transformRequest(
  plan: RequestTransform,
  request: PlainRequest,
): TransformedRequest | TransformFailure {
  try {
    const { variables } = plan
    let flat = flatOf(request.lines)
    const context = {
      method: request.method,
      path: request.path,
      captures: request.captures,
      key: request.key,
      ...(variables.has('headers') ? { headers: headerValues(flat) } : undefined),
      ...(variables.has('query') ? { query: queryValues(request.query) } : undefined),
      ...(variables.has('body') ? { body: jsonBody(request.body) } : undefined),
    }
    const headers = textsOf(plan.setHeaders, context, true)
    const parameters = textsOf(plan.setQuery, context, false)
    const isEmpty = request.body === null || request.body.length === 0
    const made = plan.body === null || isEmpty ? undefined : bodyOf(plan.body, context)
    flat = withoutHeaders(flat, plan.droppedHeaders)
    if (made !== undefined) {
      flat = withoutHeaders(flat, ofOldBody)
      if (made.isJson && !headers.some(([name]) => name.toLowerCase() === 'content-type'))
        flat = [...withoutHeaders(flat, contentType), 'Content-Type', 'application/json']
    }
    for (const header of headers) flat.push(...header)
    const keepsQuery = plan.droppedQuery.size === 0
    return {
      ok: true,
      query: keepsQuery ? request.query : changedQuery(request.query, plan.droppedQuery, parameters),
      lines: linesOf(flat),
      body: made === undefined ? null : made.bytes,
    }
  } catch (error) {
    return failureOf(error, 'request_transform')
  }
}

/** The request, as the expressions of its answer see it. */
export function requestFacts(request: {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly lines: string
}): RequestFacts {
  return {
    method: request.method,
    path: request.path,
    query: queryValues(request.query),
    headers: headerValues(flatOf(request.lines)),
  }
}

const ofPartsAndCodings = new Set(['accept-encoding', 'if-range', 'range'])

/**
 * The header lines for a route whose answers are read, by a transform or by metering: the client may not ask for a part of the
 * answer or for a coding that we cannot read, because either would get it past us.
 */
export function linesForReadableAnswer(lines: string): string {
  const flat = flatOf(lines)
  const accepts = headerValues(flat)['accept-encoding']
  const kept = withoutHeaders(flat, ofPartsAndCodings)
  if (accepts !== undefined) kept.push('Accept-Encoding', readablePart(accepts))
  return linesOf(kept)
}

/** What of an Accept-Encoding we can read; `identity` when nothing is left. */
function readablePart(accepts: string): string {
  const readable = new Set([...readableCodings.split(', '), 'identity', 'x-gzip'])
  const members = accepts
    .split(',')
    .map((member) => member.trim())
    .filter((member) => readable.has((member.split(';', 1)[0] ?? '').trim().toLowerCase()))
  return members.length === 0 ? 'identity' : members.join(', ')
}
