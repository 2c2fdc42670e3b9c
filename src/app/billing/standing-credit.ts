import { balanceAt, committedMinor, openPeriods } from '#domain/billing/prepaid.ts'
import type { Clock } from '#ports/clock.ts'
import type { Records } from '#ports/records.ts'
import type { UsageStore } from '#ports/usage-store.ts'
import { readCreditAccounts } from './credit-account.ts'

/** How much of what a customer has paid in advance is left in a currency; minor units. */
export interface StandingCredit {
  readonly currency: string
  /** What no invoice has drawn yet. */
  readonly balanceMinor: bigint
  /** What the invoices that are to come will draw, as far as it is known now. 0 where no plan is prepaid: then nothing waits for credit. */
  readonly committedMinor: bigint
  readonly availableMinor: bigint
  /** Whether calls are refused when nothing is available. */
  readonly isPrepaid: boolean
}

/** Reads it for every currency that the customer has credit in, or a prepaid plan. */
export type ReadStandingCredit = (organizationId: string) => Promise<readonly StandingCredit[]>

/** Creates the reading. It follows the gateway within the second that usage takes to be stored. */
export function createReadStandingCredit(deps: {
  readonly records: Records
  readonly usageStore: Pick<UsageStore, 'unitsOf'>
  readonly clock: Clock
}): ReadStandingCredit {
  const { records, usageStore, clock } = deps
  return async (organizationId) => {
    const nowMs = clock.now()
    const standings = new Map<string, StandingCredit>()
    for (const [currency, account] of (await readCreditAccounts(records, organizationId)) ?? []) {
      const periods = openPeriods(account, nowMs)
      const units = new Map<unknown, number>()
      for (const stretch of periods.flatMap(({ stretches }) => stretches))
        units.set(stretch, await usageStore.unitsOf(stretch.subscriptionId, stretch.fromMs, stretch.toMs))
      const balanceMinor = balanceAt(account, nowMs)
      const committed = committedMinor(account, periods, (stretch) => units.get(stretch) ?? 0)
      const availableMinor = balanceMinor - committed
      standings.set(currency, {
        currency,
        balanceMinor,
        committedMinor: committed,
        availableMinor,
        isPrepaid: true,
      })
    }
    for (const [currency, balanceMinor] of await balances(records, organizationId, nowMs))
      if (!standings.has(currency))
        standings.set(currency, {
          currency,
          balanceMinor,
          committedMinor: 0n,
          availableMinor: balanceMinor,
          isPrepaid: false,
        })
    return [...standings.values()]
  }
}

async function balances(
  records: Records,
  organizationId: string,
  nowMs: number,
): Promise<ReadonlyMap<string, bigint>> {
  const found = new Map<string, bigint>()
  const where = [
    { field: 'organization_id', op: 'eq', value: organizationId },
    { field: 'status', op: 'eq', value: 'active' },
  ] as const
  for await (const { currency, remaining, expires_at } of records.each('credit_grant', where))
    if (expires_at === null || Date.parse(expires_at) > nowMs)
      found.set(currency, (found.get(currency) ?? 0n) + BigInt(remaining ?? 0))
  return found
}
