import { type Conditions, isHad } from '#domain/cache/conditions.ts'
import { headerOf } from '../measure/flat-headers.ts'
import { withoutHeaders } from '../transform/header-lines.ts'
import type { UpstreamListener } from '../upstream/types.ts'
import type { StoredAnswer } from './stored-answers.ts'

/** Answers with what is kept, as the upstream would have: without a body for HEAD, with 304 for who has the answer already. */
export function answerFromStore(
  listener: UpstreamListener,
  answer: StoredAnswer,
  asked: { readonly method: string; readonly conditions: Conditions; readonly ageMs: number },
): void {
  const { status, reason, body } = answer
  const age = Math.floor(asked.ageMs / 1000)
  const headers = [...answer.headers, 'Age', String(age), 'X-Cache', 'hit']
  const validators = { etag: headerOf(headers, 'etag'), lastModified: headerOf(headers, 'last-modified') }
  if (status === 200 && isHad(asked.conditions, validators)) {
    listener.onHead(304, '', withoutHeaders(headers, ofTheBody), 0)
    listener.onEnd(undefined, [])
  } else if (asked.method === 'HEAD') {
    if (status !== 204) headers.push('Content-Length', String(body.length))
    listener.onHead(status, reason, headers, 0)
    listener.onEnd(undefined, [])
  } else {
    listener.onHead(status, reason, headers, body.length)
    listener.onEnd(body.length === 0 ? undefined : body, [])
  }
}

const ofTheBody: ReadonlySet<string> = new Set([
  'content-encoding',
  'content-language',
  'content-length',
  'content-range',
  'content-type',
])

/** What the gateway says of a kept answer itself. */
const ofTheCache: ReadonlySet<string> = new Set(['age', 'content-length', 'x-cache'])

/** The fields of an answer that are kept. */
export const keptHeaders = (headers: readonly string[]): string[] => withoutHeaders(headers, ofTheCache)

/** The fields of a kept answer after the upstream said that it still holds (RFC 9111 section 3.2). */
export function renewedHeaders(kept: readonly string[], told: readonly string[]): string[] {
  const newer = withoutHeaders(keptHeaders(told), ofTheBody)
  const names = new Set(newer.filter((_text, index) => index % 2 === 0).map((name) => name.toLowerCase()))
  return [...withoutHeaders(kept, names), ...newer]
}
