import { refuse } from '#contract/outcome.ts'
import { hasToken, msUntilToken, refill, takeToken } from '#domain/limit/token-bucket.ts'
import type { Policy } from './policy.ts'

/** Requests a minute, as a bucket that refills continuously. */
export const tokenBucketPolicy: Policy = {
  check({ bucket, plan }, _units, nowMs) {
    if (bucket === null) return undefined
    refill(bucket, plan.rateLimitPerMinute, nowMs)
    if (hasToken(bucket)) return undefined
    const retryAfterSeconds = Math.ceil(msUntilToken(bucket, plan.rateLimitPerMinute) / 1000)
    return {
      ...refuse('rate_limit_exceeded', `More than ${plan.rateLimitPerMinute} requests a minute`, {
        limit: plan.rateLimitPerMinute,
        window_seconds: 60,
        retry_after: retryAfterSeconds,
      }),
      retryAfterSeconds,
    }
  },
  take({ bucket }) {
    if (bucket !== null) takeToken(bucket)
  },
}
