import type { Refusal } from '#contract/outcome.ts'
import type { AuthFailureReason, Metrics } from '#ports/metrics.ts'
import type { IsSecure } from './edge/is-secure.ts'
import type { Inbound } from './inbound.ts'
import type { RequestLimits } from './limits/request-limits.ts'
import { refusalLines } from './refusal-lines.ts'
import { answerRefusal } from './refuse.ts'

/** Answers a request that is not forwarded, with what its limits tell, and counts why. */
export type TurnAway = (
  inbound: Inbound,
  refusal: Refusal,
  requestId: string,
  nowMs: number,
  limits?: RequestLimits | null,
) => undefined

/** Creates the answer of one gateway to whatever it refuses. */
export function createTurnAway(metrics: Metrics, isSecure: IsSecure): TurnAway {
  return (inbound, refusal, requestId, nowMs, limits = null) => {
    count(metrics, refusal)
    answerRefusal(inbound, refusal, requestId, refusalLines(refusal, limits, nowMs), {
      isSecure: isSecure(inbound),
    })
  }
}

const authFailures: Readonly<Record<string, AuthFailureReason>> = {
  account_suspended: 'suspended',
  invalid_api_key: 'invalid',
  key_expired: 'expired',
  key_revoked: 'revoked',
  missing_api_key: 'missing',
}

function count(metrics: Metrics, refusal: Refusal): void {
  const reason = authFailures[refusal.code]
  if (reason !== undefined) metrics.authFailure(reason)
  else if (refusal.code === 'rate_limit_exceeded')
    metrics.rateLimited(refusal.details?.['window_seconds'] === undefined ? 'concurrency' : 'rate')
  else if (refusal.code === 'quota_exceeded') metrics.rateLimited('quota')
}
