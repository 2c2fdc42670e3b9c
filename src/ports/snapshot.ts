import type { IpRules } from '#domain/address/ip-rules.ts'
import type { CreditAccount } from '#domain/billing/prepaid.ts'
import type { CacheRules } from '#domain/cache/cache-rules.ts'
import type { CorsRules } from '#domain/cors/rules.ts'
import type { LimitRule } from '#domain/limit/limit-rule.ts'
import type { SpendTerms } from '#domain/limit/spend.ts'
import type { RouteTable } from '#domain/route/table.ts'
import type { ShardedMap } from '#domain/sharded-map.ts'
import type { SlowKeys } from '#domain/slow-keys.ts'
import type { BreakerRule } from '#domain/upstream/breaker.ts'
import type { Target } from '#domain/upstream/targets.ts'
import type { BodyRules } from './body-validator.ts'
import type { RoutePlans } from './route-plans.ts'

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
  /** Where it may be used from; null from everywhere. */
  readonly ipRules: IpRules | null
  /** What it may be used for, where a route asks. */
  readonly scopes: readonly string[]
  readonly limits: readonly LimitRule[]
  /** Those that its organization has set, beside the others. */
  readonly ownLimits: readonly LimitRule[]
  /** The first key of those that replaced each other: all of them are counted as one. */
  readonly countedAs: string
  /** The most that its use may cost in a month, minor units of the plan's currency; null has no end. */
  readonly spendCap: number | null
}

/** An organization as admission needs it. */
export interface OrganizationEntry {
  readonly isActive: boolean
  /** The most that use may cost beyond base prices in a month, minor units of each currency; null has no end. */
  readonly spendCap: number | null
  /** All that it ever subscribed to; empty where there is no cap to add it up for. */
  readonly subscriptionIds: readonly string[]
  /** What its use of a route may cost, by the route. */
  readonly routeCaps: ReadonlyMap<string, RouteCapEntry>
  /** What it has paid in advance, by currency; null where none of its plans is prepaid. */
  readonly credit: ReadonlyMap<string, CreditAccount> | null
}

/** The most that the use of one route may cost an organization in a month. */
export interface RouteCapEntry {
  readonly id: string
  /** Minor units of each currency. */
  readonly cap: number
}

/** A subscription as admission needs it. */
export interface SubscriptionEntry {
  readonly id: string
  readonly organizationId: string
  readonly apiId: string
  readonly planId: string
  /** Whose quota it has, where the snapshot has that of a price version; else that of the plan. */
  readonly priceVersionId: string | null
  readonly status: string
  /** Milliseconds UTC until which a cancelled or past-due subscription is still served; null when there is no such end. */
  readonly servedUntil: number | null
  /** Requests a minute while something of it is not paid for too long; null when it is not throttled. */
  readonly throttlePerMinute: number | null
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
  /** Whether a request counts that the client gave up after all of it was sent to the upstream. */
  readonly billsAborted: boolean
  /** Beside the rate limit and the quota. */
  readonly limits: readonly LimitRule[]
  /** What use costs; null where it is in the base price. */
  readonly spend: SpendTerms | null
  /** Whether use is served only as far as credit pays for it. */
  readonly isPrepaid: boolean
  /** What its subscribers may, as header lines for the upstream, each ended by CRLF. */
  readonly entitlementLines: string
}

/** How the health of an upstream's targets is checked. */
export interface HealthCheckEntry {
  readonly path: string
  readonly intervalMs: number
  readonly timeoutMs: number
  /** Good checks in a row that bring a target back, bad ones that take it out. */
  readonly healthyAfter: number
  readonly unhealthyAfter: number
}

/** An upstream as forwarding needs it; the secret is decrypted. */
export interface UpstreamEntry {
  readonly id: string
  readonly name: string
  /** Where its requests go: at least one, all switched on. */
  readonly targets: readonly Target[]
  readonly timeoutMs: number
  /** Of each target, like the two bounds below. */
  readonly maxIdleConns: number
  readonly idleConnTimeoutMs: number
  /** Requests at a time, 0 = unlimited. */
  readonly maxConnections: number
  /** Requests that may wait for one of those to end. */
  readonly maxPending: number
  readonly retries: number
  readonly retriesOnTimeout: boolean
  readonly breaker: BreakerRule
  /** Whether answers with 502, 503 and 504 count as failures. */
  readonly breaksOnStatus: boolean
  /** Null when nobody checks. */
  readonly healthCheck: HealthCheckEntry | null
  /** The header that authenticates us to the upstream, already formed; null where there is none. */
  readonly authHeader: readonly [name: string, value: string] | null
}

/** A route as the pipeline needs it. */
export interface RouteEntry {
  readonly id: string
  readonly apiId: string
  readonly upstream: UpstreamEntry
  /** False while its upstream or API is switched off: matched, and refused. */
  readonly isServed: boolean
  readonly isPublic: boolean
  /** Speaks WebSocket: nothing but its upgrade is answered. */
  readonly isWebSocket: boolean
  /** What a key must be made for to call it. */
  readonly scopes: readonly string[]
  readonly pathRewrite: string | null
  readonly methodOverride: string | null
  readonly limits: readonly LimitRule[]
  /** null where what is stored does not compile: such a route is refused, never served without its transform or price. */
  readonly plans: RoutePlans | null
  /** Who may call it; null everybody. */
  readonly ipRules: IpRules | null
  /** null leaves other origins to the upstream. */
  readonly cors: CorsRules | null
  /** What bodies must be; null leaves them to the upstream. */
  readonly bodyRules: BodyRules | null
  /** null keeps no answers. */
  readonly cache: CacheRules | null
  /** Changes with the route and its upstream; empty where no answers are kept. */
  readonly revision: string
}

/** The settings that the request path asks. */
export interface GatewaySettings {
  /** Longest request body that is forwarded, in bytes (`gateway.max_body_bytes`). */
  readonly maxBodyBytes: number
  /** Whether a key may come as `?api_key=` (`auth.allow_query_key`). */
  readonly allowsQueryKey: boolean
  /** What gateway keys begin with (`auth.key_prefix`). */
  readonly keyPrefix: string
  /** How long either side of a WebSocket may keep silent, pings included (`gateway.websocket_idle_timeout_ms`). */
  readonly webSocketIdleMs: number
  /** Where a customer can get more (`billing.upgrade_url`). */
  readonly upgradeUrl: string
}

/** The immutable view of everything that admission and forwarding ask; replaced as a whole by every committed write. */
export interface Snapshot {
  readonly version: number
  readonly routes: RouteTable<RouteEntry>
  /** By the digest of the raw key, or by its slow hash where only that is known. */
  readonly keys: ShardedMap<KeyEntry>
  readonly slowKeys: SlowKeys
  readonly organizations: ShardedMap<OrganizationEntry>
  readonly users: ShardedMap<{ readonly isActive: boolean }>
  readonly subscriptions: ShardedMap<SubscriptionEntry>
  /** The served subscription id by `organization|api`. */
  readonly subscriptionIds: ShardedMap<string>
  /** By the id of the plan, and once more by the id of each of its price versions, with the quota that was sold then. */
  readonly plans: ShardedMap<PlanEntry>
  readonly settings: GatewaySettings
}
