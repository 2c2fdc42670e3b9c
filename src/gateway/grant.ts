import type { KeyEntry, PlanEntry, SubscriptionEntry } from '#ports/snapshot.ts'
import type { LimitsOf } from './limits/request-limits.ts'

/** A key that may call an API, with everything that admission counts on it. Lives as long as its snapshot. */
export interface Grant {
  readonly key: KeyEntry
  readonly subscription: SubscriptionEntry
  readonly plan: PlanEntry
  readonly limitsOf: LimitsOf
  /** The header lines that tell the upstream who calls, each ended by CRLF. */
  readonly identityLines: string
}
