import type { OrganizationRow } from '#contract/rows.gen.ts'
import { minorOf, type SpendTerms, spendTermsOf } from '#domain/limit/spend.ts'
import { type Month, monthOf } from '#domain/period.ts'
import { readPrice } from '#domain/pricing/read-price.ts'
import type { Clock } from '#ports/clock.ts'
import type { Records } from '#ports/records.ts'
import type { UsageStore } from '#ports/usage-store.ts'

/** What the use of an organization has cost in the month that is running, beyond base prices, by currency. */
export interface Spending {
  readonly organization: OrganizationRow
  readonly month: Month
  readonly spent: readonly {
    readonly currency: string
    /** Micro-units of the major unit. */
    readonly micros: number
    /** Rounded up. */
    readonly amountMinor: number
  }[]
}

/** Adds up what an organization has spent, from stored usage; undefined when there is no such organization. */
export type ReadSpending = (organizationId: string) => Promise<Spending | undefined>

/** Creates the adding up. It follows the gateway within the second that usage takes to be stored. */
export function createReadSpending(deps: {
  readonly records: Records
  readonly usageStore: Pick<UsageStore, 'totals'>
  readonly clock: Clock
}): ReadSpending {
  const { records } = deps
  return async (organizationId) => {
    const organization = await records.get('organization', organizationId)
    if (organization === undefined) return undefined
    const month = monthOf(deps.clock.now())
    const totals = await deps.usageStore.totals({
      fromMs: month.start,
      toMs: month.end,
      granularity: 'day',
      groupBy: ['subscription_id'],
      organizationId,
    })
    const spent = new Map<string, number>()
    for (const { subscription_id: id = '', units } of totals) {
      const terms = await termsOf(records, id)
      if (terms === null) continue
      spent.set(terms.currency, (spent.get(terms.currency) ?? 0) + terms.costMicros(units))
    }
    const told = [...spent].map(([currency, micros]) => ({
      currency,
      micros,
      amountMinor: minorOf(micros, currency),
    }))
    return { organization, month, spent: told }
  }
}

/** What the use of a subscription costs under the price that was sold, as the plan may cost something else by now; null for nothing. */
export async function termsOf(records: Records, subscriptionId: string): Promise<SpendTerms | null> {
  const subscription = await records.get('subscription', subscriptionId)
  if (subscription === undefined) return null
  const { plan_id: planId, price_version_id: versionId } = subscription
  const version = versionId === null ? undefined : await records.get('price_version', versionId)
  const priced = version ?? (await records.get('plan', planId))
  const read = priced === undefined ? undefined : readPrice(priced)
  return read?.ok === true ? spendTermsOf(read.price) : null
}
