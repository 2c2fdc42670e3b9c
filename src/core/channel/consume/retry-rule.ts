import type { OutboundAnswer, OutboundFailure } from '#ports/outbound-http.ts'
import type { ConsumedApi, ConsumedMethod } from '../../schema/consume-document.ts'

/** How one attempt of a call ended. */
export type Attempt =
  | { readonly ok: true; readonly answer: OutboundAnswer }
  | { readonly ok: false; readonly failure: OutboundFailure }

const idempotent = new Set(['GET', 'HEAD', 'PUT', 'DELETE'])
const worthTrying = new Set([429, 500, 502, 503, 504])
const hopeless = new Set<OutboundFailure['kind']>(['refused_address', 'too_large', 'redirect', 'aborted'])

/** True when sending it twice cannot do it twice: the method says so, or a key does. */
const isSafeToRepeat = (method: ConsumedMethod): boolean =>
  idempotent.has(method.method) || method.idempotency_header !== undefined

/** The seconds or the date of a Retry-After header, as milliseconds from now; undefined when there is none to understand. */
export function retryAfterMs(answer: OutboundAnswer, now: number): number | undefined {
  const text = answer.headers['retry-after']
  if (text === undefined) return undefined
  if (/^[0-9]{1,9}$/.test(text)) return Number(text) * 1000
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

/**
 * How long to wait before the next attempt; undefined when there is none: it worked, it cannot get better, it is not safe, the attempts
 * are used up, or the service asks for more patience than there is. `chance` is from 0 to 1.
 */
export function waitBeforeNext(
  api: ConsumedApi,
  method: ConsumedMethod,
  attempt: Attempt,
  done: number,
  now: number,
  chance: number,
): number | undefined {
  const { attempts = 3, backoff_ms: backoffMs = 250, most_wait_ms: mostWaitMs = 10_000 } = api.retries ?? {}
  if (done >= attempts) return undefined
  const backoff = Math.min(backoffMs * 2 ** (done - 1) * (0.5 + chance / 2), mostWaitMs)
  if (!attempt.ok) {
    if (hopeless.has(attempt.failure.kind)) return undefined
    return isSafeToRepeat(method) || !attempt.failure.wasSent ? backoff : undefined
  }
  if (!worthTrying.has(attempt.answer.status) || !isSafeToRepeat(method)) return undefined
  const asked = retryAfterMs(attempt.answer, now)
  if (asked === undefined) return backoff
  return asked > mostWaitMs ? undefined : Math.max(asked, backoff)
}
