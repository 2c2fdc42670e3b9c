import { addressBlock } from '#domain/address-block.ts'
import type { CreditAccount } from '#domain/billing/prepaid.ts'
import type { LimitDimension, LimitRule } from '#domain/limit/limit-rule.ts'
import { type QuotaRule, quotaCeiling } from '#domain/limit/quota.ts'
import type { KeyEntry, PlanEntry, RouteCapEntry, RouteEntry, SubscriptionEntry } from '#ports/snapshot.ts'
import type { CurrentMonth } from '../current-month.ts'
import type { Limit, Policy } from '../policies/policy.ts'
import type { LimitTable } from './limit-table.ts'
import type { QuotaAccount, QuotaMonth } from './quota-account.ts'
import type { ScopeKey } from './scope-key.ts'
import { type Budget, type Spend, spendOf } from './spend-cap.ts'

/** The quota of a subscription. */
export interface Quota {
  readonly rule: QuotaRule
  readonly ceiling: number
  /** The counter of the month that a moment is in. */
  at(nowMs: number): QuotaMonth
  /** Units used and held in that month. */
  used(nowMs: number): number
  /** What the units cost, and may cost; null where they are in the base price. */
  readonly spend: Spend | null
}

/** All that one request is counted against, in the order in which answers tell it. */
export interface RequestLimits {
  readonly limits: readonly Limit[]
  /** null on public routes. */
  readonly quota: Quota | null
  /** The same object for the same rules, whatever they are counted by: for what is said of rules alone. */
  readonly rules: readonly LimitRule[]
}

/** Who calls. */
export interface Caller {
  readonly key: KeyEntry
  readonly subscription: SubscriptionEntry
  readonly plan: PlanEntry
  readonly budget: Budget | null
  /** What the use of routes may cost, by the route; null where none is capped. */
  readonly routeCaps: ReadonlyMap<string, RouteCapEntry> | null
  /** What its use is paid from in advance; null where none of the organization's plans is prepaid. */
  readonly credit: CreditAccount | null
}

/** The limits of one caller (null: nobody known, a public route), found once for each route. */
export type LimitsOf = (route: RouteEntry, address: string) => RequestLimits | null

/** How each algorithm counts: what has a record, and what comes from addresses. */
export type Policies = Readonly<
  Record<'known' | 'addresses', Readonly<Record<LimitRule['algorithm'], Policy>>>
>

/** A limit whose count is known but for the address. */
interface Draft {
  readonly rule: LimitRule
  readonly policy: Policy
  readonly within: ScopeKey
  readonly limit: Limit | null
}

interface Template extends RequestLimits {
  readonly drafts: readonly Draft[]
  readonly countsAddresses: boolean
}

const mostRoutes = 200

/** Creates what finds the limits of a request among those of its plan, route and key. */
export function createLimitBinder(deps: {
  readonly table: LimitTable
  readonly policies: Policies
  readonly account: QuotaAccount
  readonly currentMonth: CurrentMonth
}): (caller: Caller | null) => LimitsOf {
  const { table, policies, account, currentMonth } = deps

  function draftOf(rule: LimitRule, scope: string, isPlanRate = false): Draft {
    const isByAddress = rule.by.includes('ip')
    const policy = policies[isByAddress ? 'addresses' : 'known'][rule.algorithm]
    const within = table.key(scope)
    return { rule, policy, within, limit: isByAddress ? null : { rule, policy, key: within, isPlanRate } }
  }

  function template(caller: Caller | null, route: RouteEntry): Template {
    const drafts: Draft[] = []
    const names = new Set<string>()
    const add = (level: string, owner: string, rules: readonly LimitRule[]): void => {
      for (const given of rules) {
        // The fields of an answer tell limits apart by their names.
        const rule = names.has(given.name) ? { ...given, name: `${level}-${given.name}` } : given
        names.add(rule.name)
        drafts.push(draftOf(rule, scopeOf(given, `${level}:${owner}`, caller, route)))
      }
    }
    if (caller !== null && caller.plan.rateLimitPerMinute >= 0)
      drafts.push(draftOf(planRate(caller.plan), `rate|${planScope(caller)}`, true))
    const { throttlePerMinute = null } = caller?.subscription ?? {}
    if (throttlePerMinute !== null)
      drafts.push(draftOf(overdueRate(throttlePerMinute), `overdue|${caller?.subscription.id}`))
    if (caller !== null) add('plan', caller.plan.id, caller.plan.limits)
    add('route', route.id, route.limits)
    if (caller !== null) add('key', caller.key.countedAs, caller.key.limits)
    if (caller !== null) add('own', caller.key.countedAs, caller.key.ownLimits)
    return {
      drafts,
      countsAddresses: drafts.some(({ limit }) => limit === null),
      limits: drafts.flatMap(({ limit }) => limit ?? []),
      rules: drafts.map(({ rule }) => rule),
      quota: caller === null ? null : quotaOf(caller, route.id, account, currentMonth),
    }
  }

  return (caller) => {
    let known = new Map<RouteEntry | null, Template>()
    return (route, address) => {
      const place = dependsOnRoute(caller, route) ? route : null
      let found = known.get(place)
      if (found === undefined) {
        if (known.size >= mostRoutes) known = new Map()
        found = template(caller, route)
        known.set(place, found)
      }
      if (found.quota === null && found.drafts.length === 0) return null
      if (!found.countsAddresses) return found
      const block = addressBlock(address)
      const { drafts, quota, rules } = found
      const limits = drafts.map(
        ({ limit, rule, policy, within }) =>
          limit ?? { rule, policy, key: table.key(block, within), isPlanRate: false },
      )
      return { limits, quota, rules }
    }
  }
}

const isByRoute = ({ by }: LimitRule): boolean => by.includes('route')

/** Most routes have no limits of their own: then all of them share what is found once. */
const dependsOnRoute = (caller: Caller | null, route: RouteEntry): boolean =>
  route.limits.length > 0 ||
  (caller !== null &&
    (caller.routeCaps?.has(route.id) === true ||
      [caller.plan.limits, caller.key.limits, caller.key.ownLimits].some((rules) => rules.some(isByRoute))))

/** The rate limit that every plan can have, as a rule like the others. */
const planRate = ({ rateLimitPerMinute, rateLimitScope }: PlanEntry): LimitRule => ({
  name: 'rate',
  algorithm: 'token_bucket',
  limit: rateLimitPerMinute,
  windowMs: 60_000,
  by: [rateLimitScope],
  isShadow: false,
})

/** What is left to somebody who has not paid for too long. */
const overdueRate = (limit: number): LimitRule => ({
  name: 'overdue',
  algorithm: 'token_bucket',
  limit,
  windowMs: 60_000,
  by: ['subscription'],
  isShadow: false,
})

const planScope = ({ plan, key, subscription }: Caller): string =>
  plan.rateLimitScope === 'key' ? key.countedAs : subscription.id

/** What a rule is counted by, but for the address. A changed window or algorithm begins anew, a changed limit does not. */
function scopeOf(rule: LimitRule, owner: string, caller: Caller | null, route: RouteEntry): string {
  const ids: Readonly<Record<LimitDimension, string>> = {
    ip: '',
    key: caller?.key.countedAs ?? '',
    route: route.id,
    subscription: caller?.subscription.id ?? '',
  }
  const by = [...new Set(rule.by)].sort().map((dimension) => `${dimension}:${ids[dimension]}`)
  return [owner, rule.name, rule.algorithm, rule.windowMs, ...by].join('|')
}

function quotaOf(caller: Caller, routeId: string, account: QuotaAccount, currentMonth: CurrentMonth): Quota {
  const { plan, subscription } = caller
  const rule = { limit: plan.requestsPerMonth, mode: plan.quotaMode, gracePct: plan.gracePct }
  const at = account.counterOf(subscription.id, currentMonth)
  return {
    rule,
    ceiling: quotaCeiling(rule),
    at,
    used: (nowMs) => account.taken(at(nowMs)),
    spend: spendOf(caller, routeId, account, currentMonth),
  }
}
