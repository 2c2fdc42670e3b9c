import { concurrency } from '../policies/concurrency.ts'
import { fixedWindow } from '../policies/fixed-window.ts'
import { slidingWindow } from '../policies/sliding-window.ts'
import { tokenBucket } from '../policies/token-bucket.ts'
import type { CountRegions, LimitTable } from './limit-table.ts'
import type { Policies } from './request-limits.ts'

/** Every algorithm that a limit can name. */
export function createPolicies(table: LimitTable): Policies {
  const on = (regions: CountRegions): Policies['known'] => ({
    concurrency: concurrency(table, regions),
    fixed_window: fixedWindow(table, regions),
    sliding_window: slidingWindow(table, regions),
    token_bucket: tokenBucket(table, regions),
  })
  return { known: on(table.known), addresses: on(table.addresses) }
}
