import { type Refusal, refuse } from '#contract/outcome.ts'
import { addressBlock } from '#domain/address-block.ts'
import type { LimitRule } from '#domain/limit/limit-rule.ts'
import type { Clock } from '#ports/clock.ts'
import type { LimitTable } from './limits/limit-table.ts'
import { createPolicies } from './limits/policies.ts'
import { type Limit, refused } from './policies/policy.ts'
import type { PassingRefusal } from './refusal-lines.ts'

/** Counts the keys that an address tries, on all workers together. */
export interface WrongKeys {
  /** Counts one attempt, or refuses it: too many have failed. */
  attempt(address: string): { readonly ok: true; readonly succeed: () => void } | Refusal
}

const rule: LimitRule = {
  name: 'unknown-keys',
  algorithm: 'token_bucket',
  limit: 10,
  windowMs: 60_000,
  by: ['ip'],
  isShadow: false,
}

/** Creates the count of one gateway thread; all threads that are given the same table count together. */
export function createWrongKeys(table: LimitTable, clock: Clock): WrongKeys {
  const policy = createPolicies(table).addresses[rule.algorithm]
  const within = table.key(rule.name)

  return {
    attempt(address) {
      const limit: Limit = { rule, policy, key: table.key(addressBlock(address), within), isPlanRate: false }
      const now = clock.now()
      const slot = policy.take(limit, now)
      if (slot === refused) return tooMany(policy.waitMs(limit, now))
      // An attempt that the table had no room for is one of the few that are verified at a time all the same.
      return { ok: true, succeed: () => void (slot >= 0 && policy.undo(limit, slot, clock.now())) }
    },
  }
}

const tooMany = (waitMs: number): PassingRefusal => ({
  ...refuse('rate_limit_exceeded', 'Too many unknown keys came from this address', {
    limit: rule.limit,
    window_seconds: rule.windowMs / 1000,
  }),
  retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)),
})
