import type { LimitAlgorithmName, LimitRule } from '#domain/limit/limit-rule.ts'
import { createLimitTable, type LimitTable } from '#gateway/limits/limit-table.ts'
import { createPolicies } from '#gateway/limits/policies.ts'
import type { Limit } from '#gateway/policies/policy.ts'

/** Where the clocks of limit tests start. */
export const startMs = 1_700_000_000_000

/** A table with little room. */
export const smallTable = (workers = 1, slots = 64): LimitTable =>
  createLimitTable({
    nowMs: startMs,
    workers,
    size: { rates: slots, slidings: slots, places: slots, quotas: slots },
  })

/** A limit on a table. */
export function limitOn(
  table: LimitTable,
  algorithm: LimitAlgorithmName,
  rule: Partial<LimitRule> = {},
  scope = 'somebody',
): Limit {
  return {
    rule: {
      name: 'test',
      limit: 1,
      windowMs: 60_000,
      by: ['subscription'],
      isShadow: false,
      ...rule,
      algorithm,
    },
    policy: createPolicies(table).known[algorithm],
    key: table.key(`${algorithm}|${scope}`),
    isPlanRate: false,
  }
}
