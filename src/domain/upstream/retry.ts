/** Methods that may be sent twice without doing more than once. */
const idempotentMethods: ReadonlySet<string> = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PUT'])

/** A request that failed before its answer began. */
export interface FailedAttempt {
  readonly method: string
  readonly hasBody: boolean
  /** A byte of the body, or its end, was handed over: it is not at hand a second time. */
  readonly isBodyTaken: boolean
  readonly failure: string
  /** Some of the request may have reached the upstream. */
  readonly isSent: boolean
}

/**
 * Whether a request may be sent once more: it is idempotent, all of it is still at hand, and either no connection was made,
 * or it was lost with nothing but a head sent. A timeout only where that is wanted: its first attempt may still be at work.
 */
export function mayRetry(attempt: FailedAttempt, isWantedOnTimeout: boolean): boolean {
  const { failure, isSent } = attempt
  if (attempt.isBodyTaken || !idempotentMethods.has(attempt.method)) return false
  if (failure === 'connect') return !isSent
  if (failure !== 'reset' && (failure !== 'timeout' || !isWantedOnTimeout)) return false
  return !isSent || !attempt.hasBody
}
