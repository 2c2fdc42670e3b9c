import { type SpendTerms, spendTermsOf } from '#domain/limit/spend.ts'
import { type Month, monthOf } from '#domain/period.ts'
import { type PriceFields, readPrice } from '#domain/pricing/read-price.ts'
import { createLimitTable, type LimitTable } from '#gateway/limits/limit-table.ts'
import { type QuotaAccount, quotaAccount } from '#gateway/limits/quota-account.ts'
import { keySpendId } from '#gateway/limits/spend-cap.ts'
import type { Clock } from '#ports/clock.ts'
import type { Records } from '#ports/records.ts'
import type { UsageStore } from '#ports/usage-store.ts'

interface Stored {
  readonly usage: Pick<UsageStore, 'unitsBySubscription' | 'totals'>
  readonly records: Records
}

/** Makes the table of limits for so many workers, its monthly counters filled from stored usage; other workers open its buffer. */
export async function openLimits(
  deps: Stored & { readonly clock: Clock },
  workers: number,
): Promise<LimitTable> {
  const nowMs = deps.clock.now()
  const table = createLimitTable({ nowMs, workers })
  const account = quotaAccount(table)
  const month = monthOf(nowMs)
  for (const [subscriptionId, units] of await deps.usage.unitsBySubscription(month.start, month.end))
    account.fill(subscriptionId, month, units)
  await fillKeySpending(deps, account, month)
  return table
}

/** What keys have spent, at the prices that were sold: asked only where one of them prices use. */
async function fillKeySpending(
  { usage, records }: Stored,
  account: QuotaAccount,
  month: Month,
): Promise<void> {
  const sold = new Map<string, SpendTerms>()
  const note = (priced: PriceFields & { readonly id: string }): void => {
    const read = readPrice(priced)
    const terms = read.ok ? spendTermsOf(read.price) : null
    if (terms !== null) sold.set(priced.id, terms)
  }
  for await (const plan of records.each('plan')) note(plan)
  for await (const version of records.each('price_version')) note(version)
  if (sold.size === 0) return
  const terms = new Map<string, SpendTerms>()
  for await (const { id, plan_id: planId, price_version_id: versionId } of records.each('subscription')) {
    const priced = sold.get(versionId ?? planId)
    if (priced !== undefined) terms.set(id, priced)
  }
  const roots = new Map<string, string>()
  for await (const { id, root_id: root } of records.each('api_key')) if (root !== null) roots.set(id, root)
  const totals = await usage.totals({
    fromMs: month.start,
    toMs: month.end,
    granularity: 'day',
    groupBy: ['api_key_id', 'subscription_id'],
  })
  for (const { api_key_id: keyId = '', subscription_id: subscriptionId = '', units } of totals) {
    const priced = terms.get(subscriptionId)
    if (priced === undefined) continue
    const counted = keySpendId(roots.get(keyId) ?? keyId, priced.currency)
    account.fill(counted, month, units * priced.dearestMicros)
  }
}
