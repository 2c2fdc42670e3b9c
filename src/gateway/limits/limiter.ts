import { type Refusal, refuse } from '#contract/outcome.ts'
import type { LimitMetrics } from '#ports/metrics.ts'
import { type Limit, refused, uncounted } from '../policies/policy.ts'
import type { PassingRefusal } from '../refusal-lines.ts'
import { holdAll, type UnitsRefused, whatRefuses } from './hold-units.ts'
import { type HeldPlace, Holds } from './holds.ts'
import type { QuotaAccount } from './quota-account.ts'
import type { Quota, RequestLimits } from './request-limits.ts'

/** A refusal by a limit. */
export type LimitRefusal = PassingRefusal | Refusal

/** Takes one request, and the most units that it can cost, from all its limits or from none. */
export type TakeLimits = (limits: RequestLimits, units: number, nowMs: number) => Holds | LimitRefusal

const noPlaces: readonly HeldPlace[] = []
const spenders = {
  key: 'API key',
  organization: 'organization',
  route: 'organization on this route',
} as const

/** Creates the taking of limits. */
export function createLimiter(deps: {
  readonly account: QuotaAccount
  readonly metrics: LimitMetrics
  readonly upgradeUrl: () => string
}): TakeLimits {
  const { account, metrics } = deps
  // What the request of this turn has taken; no other request comes in between.
  const slots: number[] = []

  function undo(limits: readonly Limit[], count: number, nowMs: number): void {
    for (let index = 0; index < count; index++) {
      const limit = limits[index] as Limit
      const slot = slots[index] as number
      if (slot >= 0) limit.policy.undo(limit, slot, nowMs)
    }
  }

  function unitsRefusal(quota: Quota, why: UnitsRefused, nowMs: number): LimitRefusal {
    if (why === 'table') {
      metrics.limitTableFull()
      return { ...refuse('service_unavailable', 'The quota cannot be counted now'), retryAfterSeconds: 60 }
    }
    const { month } = quota.at(nowMs)
    const until = { reset_at: new Date(month.end).toISOString(), upgrade_url: deps.upgradeUrl() }
    const retryAfterSeconds = Math.ceil((month.end - nowMs) / 1000)
    if (why === 'quota') {
      const { limit } = quota.rule
      const message = `The ${limit} requests of this month are used up`
      const details = { limit, used: quota.used(nowMs), ...until }
      return { ...refuse('quota_exceeded', message, details), retryAfterSeconds }
    }
    const { spend } = quota
    if (why === 'credit') {
      // Nothing but new credit ends this, so nothing is said of when to try again.
      const { currency, availableMinor } = spend?.prepaid ?? {}
      const left = { available: Number(availableMinor?.(nowMs) ?? 0n), currency }
      return refuse('payment_required', 'The prepaid credit is used up', {
        reason: 'credit_used_up',
        ...left,
        upgrade_url: deps.upgradeUrl(),
      })
    }
    const details = { cap_of: why, cap: spend?.[why]?.capMinor, currency: spend?.terms.currency, ...until }
    const message = `The ${spenders[why]} may spend no more this month`
    return { ...refuse('spend_cap_exceeded', message, details), retryAfterSeconds }
  }

  /** Takes from every limit; the one that another worker left nothing of, after giving back what the ones before it gave. */
  function takeEach(limits: readonly Limit[], nowMs: number): Limit | undefined {
    for (let index = 0; index < limits.length; index++) {
      const limit = limits[index] as Limit
      const slot = limit.policy.take(limit, nowMs)
      slots[index] = slot
      if (slot !== refused || limit.rule.isShadow) continue
      undo(limits, index, nowMs)
      return limit
    }
    return undefined
  }

  /** Counts what is only told, and gathers the places to be left. */
  function placesOf(limits: readonly Limit[]): readonly HeldPlace[] {
    let places = noPlaces
    for (let index = 0; index < limits.length; index++) {
      const { policy, rule } = limits[index] as Limit
      const slot = slots[index] as number
      if (slot === refused) metrics.rateLimited(kindOf(rule.algorithm), true)
      else if (slot === uncounted) metrics.limitTableFull()
      else if (policy.leave !== undefined) places = [...places, { leave: policy.leave, slot }]
    }
    return places
  }

  return (all, units, nowMs) => {
    const { limits, quota } = all
    const waiting = longestWait(limits, nowMs)
    if (waiting !== undefined) return waiting
    const why = quota === null ? undefined : whatRefuses(account, quota, units, nowMs)
    if (quota !== null && why !== undefined) return unitsRefusal(quota, why, nowMs)
    const lost = takeEach(limits, nowMs)
    if (lost !== undefined) return rateRefusal(lost, Math.max(1, lost.policy.waitMs(lost, nowMs)))
    if (quota === null) return new Holds(all, placesOf(limits), null)
    const held = holdAll(account, quota, units, nowMs)
    if (typeof held === 'string') {
      undo(limits, limits.length, nowMs)
      return unitsRefusal(quota, held, nowMs)
    }
    if (held.slot < 0) metrics.limitTableFull()
    return new Holds(all, placesOf(limits), held)
  }
}

/** The refusal by that limit which keeps the request waiting longest; undefined when all would let it pass. */
function longestWait(limits: readonly Limit[], nowMs: number): LimitRefusal | undefined {
  let longest: Limit | undefined
  let longestMs = 0
  for (const limit of limits) {
    if (limit.rule.isShadow) continue
    const waitMs = limit.policy.waitMs(limit, nowMs)
    if (waitMs <= longestMs) continue
    longest = limit
    longestMs = waitMs
  }
  return longest === undefined ? undefined : rateRefusal(longest, longestMs)
}

const kindOf = (algorithm: Limit['rule']['algorithm']): 'rate' | 'concurrency' =>
  algorithm === 'concurrency' ? 'concurrency' : 'rate'

function rateRefusal({ rule, isPlanRate }: Limit, waitMs: number): LimitRefusal {
  const retryAfterSeconds = Math.ceil(waitMs / 1000)
  const windowSeconds = rule.windowMs / 1000
  const isConcurrency = rule.algorithm === 'concurrency'
  const each = isConcurrency ? 'at a time' : windowSeconds === 60 ? 'a minute' : `in ${windowSeconds} seconds`
  return {
    ...refuse('rate_limit_exceeded', `More than ${rule.limit} requests ${each}`, {
      ...(isPlanRate ? {} : { name: rule.name }),
      limit: rule.limit,
      ...(isConcurrency ? {} : { window_seconds: windowSeconds }),
      retry_after: retryAfterSeconds,
    }),
    retryAfterSeconds,
  }
}
