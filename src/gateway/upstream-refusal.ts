import { type Refusal, refuse } from '#contract/outcome.ts'
import type { PassingRefusal } from './refusal-lines.ts'
import type { UpstreamFailure } from './upstream/types.ts'

/** What a client is told of an upstream that failed: no more than whether, and when, to try again. */
export function upstreamRefusal(failure: UpstreamFailure, retryAfterMs: number): Refusal | PassingRefusal {
  switch (failure) {
    case 'busy':
    case 'open':
      return {
        ...refuse('service_unavailable', 'The upstream takes no more requests at the moment'),
        retryAfterSeconds: Math.max(1, Math.ceil(retryAfterMs / 1000)),
      }
    case 'timeout':
      return refuse('upstream_timeout', 'The upstream did not answer in time')
    default:
      return refuse('upstream_error', 'The upstream could not be reached or broke off')
  }
}
