import type { UsageEvent } from '#contract/usage-event.ts'
import type { UsageTotals } from '#ports/usage-store.ts'

/** The three lengths of time that usage is summed over. */
export type Granularity = 'minute' | 'hour' | 'day'

/** One row of the rollups: the sums of one subscription, key and route over one bucket of time. */
export interface RollupRow extends UsageTotals {
  readonly granularity: Granularity
  /** Milliseconds UTC. */
  readonly start: number
  readonly subscription_id: string
  readonly api_key_id: string
  readonly route_id: string
  readonly organization_id: string
  readonly api_id: string
  readonly plan_id: string
}

/** The append-only tables of metering, as their migration makes them. */
export interface UsageTables {
  usage_events: UsageEvent
  usage_rollups: RollupRow
  usage_journal_positions: { segment: string; offset: number }
}

/** The columns that name one rollup row. */
export const rollupKey = ['granularity', 'start', 'subscription_id', 'api_key_id', 'route_id'] as const

/** The columns of a rollup that add up. */
export const rollupSums = [
  'requests',
  'units',
  'errors',
  'request_bytes',
  'response_bytes',
  'duration_ms',
] as const
