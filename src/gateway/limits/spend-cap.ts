import { capMicros, type SpendTerms } from '#domain/limit/spend.ts'
import type { PlanEntry, RouteCapEntry, Snapshot, SubscriptionEntry } from '#ports/snapshot.ts'
import type { CurrentMonth } from '../current-month.ts'
import { type PrepaidUse, prepaidUse } from './prepaid-credit.ts'
import type { QuotaAccount, QuotaMonth } from './quota-account.ts'
import type { Caller } from './request-limits.ts'

/** What an organization may spend in a month, and what else spends it than the subscription that is asked for. */
export interface Budget {
  readonly capMinor: number
  readonly others: readonly { readonly subscriptionId: string; readonly terms: SpendTerms }[]
}

/** What the use of a subscription costs, and the caps on it. */
export interface Spend {
  readonly terms: SpendTerms
  readonly organization: OrganizationCap | null
  readonly key: PartSpend
  /** null where the organization has no cap on the route. */
  readonly route: PartSpend | null
  /** null where nothing is paid in advance. */
  readonly prepaid: PrepaidUse | null
}

/**
 * The cap of an organization. What a month costs is not counted but worked out from the units that its subscriptions have used and
 * hold, so that it stays true after a restart, a change of the plan and the end of a worker.
 */
export interface OrganizationCap {
  readonly capMinor: number
  /** The most units that the subscription may have used and hold. */
  ceiling(nowMs: number): number
  /** True when two subscriptions have taken the same money in the same moment: asked after `units` are held. */
  isPassed(nowMs: number, units: number): boolean
}

/** What a part of the use costs, that of a key or of a route: every unit at the dearest price, as what is included belongs to the organization. */
export interface PartSpend {
  /** null only counts, for a cap that may come. */
  readonly capMinor: number | null
  readonly ceilingMicros: number
  readonly unitMicros: number
  /** The counter of a month, in micro-units of the major unit. */
  at(nowMs: number): QuotaMonth
}

/** The budget of an organization that a subscription is paid from; null where there is no cap, or nothing that costs. */
export function budgetOf(
  snapshot: Snapshot,
  subscription: SubscriptionEntry,
  { spend }: PlanEntry,
): Budget | null {
  const organization = snapshot.organizations.get(subscription.organizationId)
  if (organization === undefined || organization.spendCap === null || spend === null) return null
  const others = organization.subscriptionIds.flatMap((id) => {
    const planId = id === subscription.id ? undefined : snapshot.subscriptions.get(id)?.planId
    const terms = planId === undefined ? undefined : snapshot.plans.get(planId)?.spend
    return terms?.currency === spend.currency ? [{ subscriptionId: id, terms }] : []
  })
  return { capMinor: organization.spendCap, others }
}

/** The caps on routes of the organization that a subscription is paid from; null where it has none. */
export function routeCapsOf(
  { organizations }: Snapshot,
  { organizationId }: SubscriptionEntry,
): ReadonlyMap<string, RouteCapEntry> | null {
  const routeCaps = organizations.get(organizationId)?.routeCaps
  return routeCaps === undefined || routeCaps.size === 0 ? null : routeCaps
}

/** What is spent by a caller, and within which caps; null where use costs nothing. */
export function spendOf(
  caller: Caller,
  routeId: string,
  account: QuotaAccount,
  currentMonth: CurrentMonth,
): Spend | null {
  const { plan, key, subscription, budget, routeCaps } = caller
  const terms = plan.spend
  if (terms === null) return null
  const { currency, dearestMicros } = terms
  const part = (capMinor: number | null, countedAs: string): PartSpend => ({
    capMinor,
    ceilingMicros: capMinor === null ? Number.POSITIVE_INFINITY : capMicros(capMinor, currency),
    unitMicros: dearestMicros,
    at: account.counterOf(countedAs, currentMonth),
  })
  const onRoute = routeCaps?.get(routeId)
  return {
    terms,
    organization:
      budget === null ? null : organizationCap(terms, subscription.id, budget, account, currentMonth),
    key: part(key.spendCap, keySpendId(key.countedAs, currency)),
    route: onRoute === undefined ? null : part(onRoute.cap, routeSpendId(onRoute.id, currency)),
    prepaid: prepaidUse(caller, account),
  }
}

/** What the spending of a key is counted under. */
export const keySpendId = (keyId: string, currency: string): string => `spend|${keyId}|${currency}`

/** What the spending under the cap on a route is counted under. */
export const routeSpendId = (capId: string, currency: string): string => `route|${capId}|${currency}`

function organizationCap(
  terms: SpendTerms,
  subscriptionId: string,
  { capMinor, others }: Budget,
  account: QuotaAccount,
  currentMonth: CurrentMonth,
): OrganizationCap {
  const micros = capMicros(capMinor, terms.currency)
  const own = account.counterOf(subscriptionId, currentMonth)
  const counters = others.map((other) => ({
    terms: other.terms,
    at: account.counterOf(other.subscriptionId, currentMonth),
  }))
  const elsewhere = (nowMs: number): number =>
    counters.reduce((sum, other) => sum + other.terms.costMicros(account.taken(other.at(nowMs))), 0)
  const alone = terms.unitsFor(micros)
  return {
    capMinor,
    ceiling: (nowMs) => (counters.length === 0 ? alone : terms.unitsFor(micros - elsewhere(nowMs))),
    isPassed(nowMs, units) {
      if (counters.length === 0) return false
      const used = account.taken(own(nowMs))
      const cost = terms.costMicros(used)
      // What costs nothing is served, however much was spent elsewhere.
      return cost > terms.costMicros(used - units) && cost + elsewhere(nowMs) > micros
    },
  }
}
