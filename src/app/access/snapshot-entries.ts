import type {
  ApiKeyRow,
  OrganizationRow,
  PlanRow,
  PriceVersionRow,
  RouteRow,
  SubscriptionRow,
  UpstreamRow,
  UserRow,
} from '#contract/rows.gen.ts'
import { storedScopes } from '#domain/access/scopes.ts'
import { storedIpRules } from '#domain/address/ip-rules.ts'
import { judgeCache } from '#domain/cache/cache-rules.ts'
import { judgeCors } from '#domain/cors/rules.ts'
import { readEntitlements } from '#domain/entitlements.ts'
import { type LimitRule, parseLimitRules } from '#domain/limit/limit-rule.ts'
import { type SpendTerms, spendTermsOf } from '#domain/limit/spend.ts'
import { type PriceFields, readPrice } from '#domain/pricing/read-price.ts'
import { compileHost, compilePath } from '#domain/route/pattern.ts'
import type { RouteRule } from '#domain/route/table.ts'
import { judgeTargets } from '#domain/upstream/targets.ts'
import type { BodyRules, BodyValidators } from '#ports/body-validator.ts'
import type { ExpressionCompiler } from '#ports/expression.ts'
import type {
  KeyEntry,
  OrganizationEntry,
  PlanEntry,
  RouteEntry,
  SubscriptionEntry,
  UpstreamEntry,
} from '#ports/snapshot.ts'
import { readBodyRules } from '../catalogue/body-rules.ts'
import { planRoute } from '../catalogue/route-plans.ts'

const timeOf = (text: string | null): number | null => (text === null ? null : Date.parse(text))

// Checked when it was written; what is unreadable all the same must not switch the limits beside it off.
function limitsOf(stored: unknown): readonly LimitRule[] {
  const parsed = parseLimitRules(stored)
  return parsed.ok ? parsed.rules : []
}

/** A stored key as admission sees it. */
export const keyEntry = (row: ApiKeyRow): KeyEntry => ({
  id: row.id,
  organizationId: row.organization_id ?? '',
  userId: row.user_id,
  subscriptionId: row.subscription_id,
  expiresAt: timeOf(row.expires_at),
  isRevoked: row.revoked_at !== null,
  ipRules: storedIpRules(row.allow_ips, null),
  scopes: storedScopes(row.scopes),
  limits: limitsOf(row.limits),
  ownLimits: limitsOf(row.own_limits),
  countedAs: row.root_id ?? row.id,
  spendCap: row.spend_cap,
})

/** A stored subscription as admission sees it. */
export const subscriptionEntry = (row: SubscriptionRow): SubscriptionEntry => ({
  id: row.id,
  organizationId: row.organization_id,
  apiId: row.api_id ?? '',
  planId: row.plan_id,
  priceVersionId: row.price_version_id,
  status: row.status,
  servedUntil: timeOf(servedUntil(row)),
  throttlePerMinute:
    row.status === 'past_due' && row.restricted_at !== null && row.dunning_policy === 'throttle'
      ? row.throttle_per_minute
      : null,
})

/** One that is throttled when its grace is over is served all the same. */
function servedUntil(row: SubscriptionRow): string | null {
  if (row.status !== 'past_due') return row.ends_at ?? row.current_period_end
  return row.dunning_policy === 'throttle' ? null : row.grace_until
}

/** A stored plan as admission sees it. */
export const planEntry = (row: PlanRow): PlanEntry => ({
  id: row.id,
  name: row.name,
  rateLimitPerMinute: row.rate_limit_per_minute,
  rateLimitScope: row.rate_limit_scope,
  requestsPerMonth: row.requests_per_month,
  quotaMode: row.quota_mode,
  gracePct: row.quota_grace_pct,
  billableBelowStatus: row.billable_below_status,
  billsAborted: row.bill_aborted,
  limits: limitsOf(row.limits),
  spend: spendOf(row),
  isPrepaid: row.payment === 'prepaid',
  entitlementLines: entitlementLines(row.entitlements),
})

/**
 * A plan for those who have bought one of its price versions: the quota mode that they bought and, where use past the quota costs
 * money, the quota too, so that what is refused, billed and shown changes at one instant.
 */
export function versionedPlanEntry(plan: PlanRow, version: PriceVersionRow): PlanEntry {
  const isBilled = version.quota_mode === 'soft'
  return {
    ...planEntry(plan),
    quotaMode: version.quota_mode,
    requestsPerMonth: isBilled ? version.requests_per_month : plan.requests_per_month,
    spend: spendOf(version),
    isPrepaid: version.payment === 'prepaid',
  }
}

function entitlementLines(stored: unknown): string {
  const read = readEntitlements(stored)
  return read.ok ? read.lines : ''
}

function spendOf(row: PriceFields): SpendTerms | null {
  const read = readPrice(row)
  return read.ok ? spendTermsOf(read.price) : null
}

/** Most organizations cap no route. */
export const noRouteCaps: OrganizationEntry['routeCaps'] = new Map()

/** An organization as admission sees it, with its caps on routes, its credit, and with all that it subscribed to where that is asked. */
export const organizationEntry = (
  row: OrganizationRow,
  subscriptionIds: readonly string[],
  { routeCaps, credit }: Pick<OrganizationEntry, 'routeCaps' | 'credit'>,
): OrganizationEntry => ({
  isActive: row.status === 'active',
  spendCap: row.spend_cap,
  subscriptionIds: row.spend_cap === null ? [] : subscriptionIds,
  routeCaps,
  credit,
})

/** Whether a user's keys are served. */
export const userEntry = (row: UserRow) => ({ isActive: row.status === 'active' })

/** A stored upstream as forwarding sees it. */
export const upstreamEntry = (row: UpstreamRow): UpstreamEntry => ({
  id: row.id,
  name: row.name,
  targets: targetsOf(row),
  timeoutMs: row.timeout_ms,
  maxIdleConns: row.max_idle_conns,
  idleConnTimeoutMs: row.idle_conn_timeout_ms,
  maxConnections: row.max_connections,
  maxPending: row.max_pending,
  retries: row.retries,
  retriesOnTimeout: row.retry_on_timeout,
  breaker: { failures: row.breaker_failures, openMs: row.breaker_open_ms },
  breaksOnStatus: row.breaker_on_status,
  healthCheck: healthCheck(row),
  authHeader: authHeader(row),
})

function targetsOf(row: UpstreamRow): UpstreamEntry['targets'] {
  const judged = judgeTargets(row.targets)
  if (judged.ok && judged.targets.length > 0) return judged.targets
  return [{ index: 0, url: row.base_url, weight: 1 }]
}

function healthCheck(row: UpstreamRow): UpstreamEntry['healthCheck'] {
  if (row.health_path === '') return null
  return {
    path: row.health_path,
    intervalMs: row.health_interval_ms,
    timeoutMs: row.health_timeout_ms,
    healthyAfter: row.health_healthy_after,
    unhealthyAfter: row.health_unhealthy_after,
  }
}

function authHeader(row: UpstreamRow): UpstreamEntry['authHeader'] {
  const secret = row.auth_value_encrypted
  if (secret === null || row.auth_type === 'none') return null
  if (row.auth_type === 'header') return [row.auth_header, secret]
  if (row.auth_type === 'bearer') return ['Authorization', `Bearer ${secret}`]
  const bytes = Array.from(new TextEncoder().encode(secret), (byte) => String.fromCharCode(byte))
  return ['Authorization', `Basic ${btoa(bytes.join(''))}`]
}

/** What a route's fields are compiled by. */
export interface RouteCompilers {
  readonly expressions: ExpressionCompiler
  readonly validators: BodyValidators
}

/**
 * A stored route as matching sees it; undefined when it is off. A route whose upstream or API is off stays and is refused, so that its
 * requests do not fall through to a wider route.
 */
export function routeRule(
  row: RouteRow,
  upstream: UpstreamEntry | undefined,
  isServed: boolean,
  { expressions, validators }: RouteCompilers,
): RouteRule<RouteEntry> | undefined {
  const path = compilePath(row.path_pattern, row.match_type)
  const host = compileHost(row.host_pattern)
  if (!row.enabled || upstream === undefined || !path.ok || !host.ok) return undefined
  const planned = planRoute(row, expressions)
  return {
    id: row.id,
    priority: row.priority,
    host: host.value,
    path: path.value,
    methods: methodsOf(row),
    headers: Object.entries(row.headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]),
    target: {
      id: row.id,
      apiId: row.api_id ?? '',
      upstream,
      isServed,
      isPublic: !row.auth_required,
      isWebSocket: row.protocol === 'websocket',
      scopes: storedScopes(row.scopes),
      pathRewrite: row.path_rewrite,
      methodOverride: row.method_override,
      limits: limitsOf(row.limits),
      plans: planned.ok ? planned.plans : null,
      ipRules: storedIpRules(row.allow_ips, row.deny_ips),
      cors: corsOf(row),
      bodyRules: bodyRulesOf(row, validators),
      ...cacheOf(row, upstream),
    },
  }
}

const methodsOf = (row: RouteRow): readonly string[] =>
  Array.isArray(row.methods) ? row.methods.map(String) : []

function corsOf(row: RouteRow): RouteEntry['cors'] {
  const judged = judgeCors(row.cors, methodsOf(row))
  return judged.ok ? judged.rules : null
}

const unreadable = { ok: false, reason: 'request_schema cannot be read' } as const

// What cannot be read lets no body pass, whatever its method.
function bodyRulesOf(row: RouteRow, validators: BodyValidators): BodyRules | null {
  const read = readBodyRules(row.request_schema, validators)
  if (read.ok) return read.rules
  const rule = { isRequired: false, validator: () => unreadable }
  return new Map(['POST', 'PUT', 'PATCH', 'DELETE'].map((method) => [method, rule]))
}

function cacheOf(row: RouteRow, upstream: UpstreamEntry): Pick<RouteEntry, 'cache' | 'revision'> {
  const judged = judgeCache(row.cache)
  const cache = judged.ok ? judged.rules : null
  return { cache, revision: cache === null ? '' : JSON.stringify([row, upstream]) }
}
