import { askedWaitMs } from './retry-schedule.ts'

/** What one attempt has come to. */
export type Verdict =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'failed'; readonly error: string; readonly askedMs: number | undefined }
  /** The receiver says that nobody is there any more (410). */
  | { readonly kind: 'gone'; readonly error: string }

/** Reads an answer: 2xx has taken it; a redirect has not, as it is not followed. */
export function judgeAnswer(status: number, retryAfter: string | undefined, now: number): Verdict {
  if (status >= 200 && status < 300) return { kind: 'delivered' }
  const error = `The receiver answered ${status}`
  if (status === 410) return { kind: 'gone', error }
  if (status >= 300 && status < 400)
    return { kind: 'failed', error: `${error}: redirects are not followed`, askedMs: undefined }
  return { kind: 'failed', error, askedMs: askedWaitMs(retryAfter, now) }
}
