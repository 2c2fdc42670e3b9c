import type { Generated } from 'kysely'
import type { UsageEvent } from '#contract/usage-event.ts'
import type { UsageTotals } from '#ports/usage-store.ts'

/** The three lengths of time that usage is summed over. */
export type Granularity = 'minute' | 'hour' | 'day'

/** The fields of an event that say who called what. */
export const sourceColumns = [
  'organization_id',
  'api_id',
  'subscription_id',
  'plan_id',
  'api_key_id',
  'route_id',
] as const satisfies readonly (keyof UsageEvent)[]

/** Who called what: the part of an event that many events share. It is stored once, and events name it by its number. */
export type UsageSource = Pick<UsageEvent, (typeof sourceColumns)[number]>

/** A usage event as it is stored. */
export interface StoredEvent extends Omit<UsageEvent, keyof UsageSource | 'request_id'> {
  readonly source_id: number
  /** Null when it is the same as the id. */
  readonly request_id: string | null
}

/** What events are stored with: the place of their transaction in the order in which usage became known. */
interface Arrived {
  readonly arrival: Generated<number>
}

/** An event of a time that was closed when it came. */
export interface LateRow {
  readonly arrival: number
  readonly source_id: number
  readonly at: number
  readonly id: string
  readonly subscription_id: string
  readonly units: number
}

/** Events of one source, which has its number. */
export interface SourcedEvents {
  readonly sourceId: number
  readonly subscriptionId: string
  readonly events: readonly UsageEvent[]
}

/** One row of the rollups: the sums of one source over one bucket of time. */
export interface RollupRow extends UsageTotals {
  readonly granularity: Granularity
  /** Milliseconds UTC. */
  readonly start: number
  readonly source_id: number
}

/** How many requests of a route took so long, in a bucket of time. */
export interface DurationRow {
  readonly granularity: Granularity
  /** Milliseconds UTC. */
  readonly start: number
  readonly api_id: string
  readonly route_id: string
  /** The number of the step, see `domain/metering/duration-steps`. */
  readonly step: number
  readonly requests: number
}

/** The append-only tables of metering, as their migration makes them. */
export interface UsageTables {
  usage_sources: UsageSource & { readonly id: Generated<number> }
  usage_events: StoredEvent & Arrived
  usage_rollups: RollupRow
  usage_durations: DurationRow
  usage_journal_positions: { segment: string; offset: number }
  /** One row; none before the first write. */
  usage_clock: { id: number; arrival: number; closed_before: number }
  usage_late: LateRow
}

/** The columns of a stored event, those that identify it first. */
export const eventColumns = [
  'source_id',
  'at',
  'id',
  'request_id',
  'method',
  'path',
  'status',
  'units',
  'request_bytes',
  'response_bytes',
  'duration_ms',
] as const satisfies readonly (keyof StoredEvent)[]

/** The columns that name one rollup row. */
export const rollupKey = ['granularity', 'start', 'source_id'] as const

/** The columns of a rollup that add up. */
export const rollupSums = [
  'requests',
  'units',
  'errors',
  'request_bytes',
  'response_bytes',
  'duration_ms',
] as const
