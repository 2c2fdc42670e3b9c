import type { QuotaCounter } from '#domain/limit/quota.ts'
import type { TokenBucket } from '#domain/limit/token-bucket.ts'
import type { KeyEntry, PlanEntry, SubscriptionEntry } from '#ports/snapshot.ts'

/** A key that may call an API, with everything that admission counts on it. Lives as long as its snapshot. */
export interface Grant {
  readonly key: KeyEntry
  readonly subscription: SubscriptionEntry
  readonly plan: PlanEntry
  /** null where the plan has no rate limit. */
  readonly bucket: TokenBucket | null
  readonly quota: QuotaCounter
  /** The header lines that tell the upstream who calls, each ended by CRLF. */
  readonly identityLines: string
}
