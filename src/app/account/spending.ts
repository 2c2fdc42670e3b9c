import type { OrganizationRow, PlanRow } from '#contract/rows.gen.ts'
import { minorOf, spendTermsOf } from '#domain/limit/spend.ts'
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
      const subscription = await records.get('subscription', id)
      const plan = subscription === undefined ? undefined : await records.get('plan', subscription.plan_id)
      const terms = plan === undefined ? null : planTerms(plan)
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

function planTerms(plan: PlanRow) {
  const read = readPrice(plan)
  return read.ok ? spendTermsOf(read.price) : null
}
