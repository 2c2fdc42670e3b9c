import { refuse } from '#contract/outcome.ts'
import { allowsUnits, holdUnits, rollMonth } from '#domain/limit/quota.ts'
import type { CurrentMonth } from '../current-month.ts'
import type { Policy } from './policy.ts'

/** Units a calendar month (UTC), reserved here and settled when the answer is known. */
export function monthlyQuotaPolicy(currentMonth: CurrentMonth, upgradeUrl: () => string): Policy {
  return {
    check({ quota, plan }, units, nowMs) {
      const month = currentMonth(nowMs)
      rollMonth(quota, month.start)
      if (
        allowsUnits(
          quota,
          { limit: plan.requestsPerMonth, mode: plan.quotaMode, gracePct: plan.gracePct },
          units,
        )
      )
        return undefined
      const resetAt = new Date(month.end).toISOString()
      return {
        ...refuse('quota_exceeded', `The ${plan.requestsPerMonth} requests of this month are used up`, {
          limit: plan.requestsPerMonth,
          used: quota.used + quota.held,
          reset_at: resetAt,
          upgrade_url: upgradeUrl(),
        }),
        retryAfterSeconds: Math.ceil((month.end - nowMs) / 1000),
      }
    },
    take({ quota }, units) {
      holdUnits(quota, units)
    },
  }
}
