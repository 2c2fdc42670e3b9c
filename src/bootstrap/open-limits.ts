import { monthOf } from '#domain/period.ts'
import { createLimitTable, type LimitTable } from '#gateway/limits/limit-table.ts'
import { quotaAccount } from '#gateway/limits/quota-account.ts'
import type { Clock } from '#ports/clock.ts'
import type { UsageStore } from '#ports/usage-store.ts'

/** Makes the table of limits for so many workers, its quota counters filled from stored usage; other workers open its buffer. */
export async function openLimits(
  deps: { readonly clock: Clock; readonly usage: Pick<UsageStore, 'unitsBySubscription'> },
  workers: number,
): Promise<LimitTable> {
  const nowMs = deps.clock.now()
  const table = createLimitTable({ nowMs, workers })
  const account = quotaAccount(table)
  const month = monthOf(nowMs)
  for (const [subscriptionId, units] of await deps.usage.unitsBySubscription(month.start, month.end))
    account.fill(subscriptionId, month, units)
  return table
}
