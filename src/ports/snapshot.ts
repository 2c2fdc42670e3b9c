import type { RouteTable } from '#domain/route/table.ts'
import type { ShardedMap } from '#domain/sharded-map.ts'

/** A key as admission needs it. */
export interface KeyEntry {
  readonly id: string
  readonly organizationId: string
  readonly userId: string | null
  /** The one subscription this key is bound to; null takes the organization's subscription to the API of the route. */
  readonly subscriptionId: string | null
  /** Milliseconds UTC, null when it never expires. */
  readonly expiresAt: number | null
  readonly isRevoked: boolean
}

/** A subscription as admission needs it. */
export interface SubscriptionEntry {
  readonly id: string
  readonly organizationId: string
  readonly apiId: string
  readonly planId: string
  readonly status: string
  /** Milliseconds UTC until which a cancelled or past-due subscription is still served; null when there is no such end. */
  readonly servedUntil: number | null
}

/** A plan as admission needs it. */
export interface PlanEntry {
  readonly id: string
  readonly name: string
  /** Requests a minute, -1 = unlimited. */
  readonly rateLimitPerMinute: number
  readonly rateLimitScope: 'subscription' | 'key'
  /** Units a calendar month, -1 = unlimited. */
  readonly requestsPerMonth: number
  readonly quotaMode: 'hard' | 'soft' | 'warn'
  readonly gracePct: number
  /** Answers of the upstream with a lower status are billed. */
  readonly billableBelowStatus: number
}

/** An upstream as forwarding needs it; the secret is decrypted. */
export interface UpstreamEntry {
  readonly id: string
  readonly name: string
  readonly baseUrl: string
  readonly timeoutMs: number
  readonly maxIdleConns: number
  readonly idleConnTimeoutMs: number
  /** The header that authenticates us to the upstream, already formed; null where there is none. */
  readonly authHeader: readonly [name: string, value: string] | null
}

/** A route as the pipeline needs it. */
export interface RouteEntry {
  readonly id: string
  readonly apiId: string
  readonly upstream: UpstreamEntry
  readonly isPublic: boolean
  readonly pathRewrite: string | null
  readonly methodOverride: string | null
}

/** The settings that the request path asks. */
export interface GatewaySettings {
  /** Longest request body that is forwarded, in bytes (`gateway.max_body_bytes`). */
  readonly maxBodyBytes: number
  /** Whether a key may come as `?api_key=` (`auth.allow_query_key`). */
  readonly allowsQueryKey: boolean
  /** What gateway keys begin with (`auth.key_prefix`). */
  readonly keyPrefix: string
  /** Where a customer can get more (`billing.upgrade_url`). */
  readonly upgradeUrl: string
}

/** The immutable view of everything that admission and forwarding ask; replaced as a whole by every committed write. */
export interface Snapshot {
  readonly version: number
  readonly routes: RouteTable<RouteEntry>
  /** By the digest of the raw key. */
  readonly keys: ShardedMap<KeyEntry>
  readonly organizations: ShardedMap<{ readonly isActive: boolean }>
  readonly users: ShardedMap<{ readonly isActive: boolean }>
  readonly subscriptions: ShardedMap<SubscriptionEntry>
  /** The served subscription id by `organization|api`. */
  readonly subscriptionIds: ShardedMap<string>
  readonly plans: ShardedMap<PlanEntry>
  readonly settings: GatewaySettings
}
