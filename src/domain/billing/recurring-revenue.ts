import type { Price } from '../pricing/price.ts'

const recurring: readonly string[] = ['active', 'past_due']

/**
 * What a subscription adds to the monthly recurring revenue (MRR): the fee of a whole period under its price version, or the minimum
 * commitment where that is more, while it is active or past due. A trial, a pause and a cancellation add nothing, for nobody owes the
 * next period; use beyond the fee, coupons, tax and what is bought once are not in it.
 */
export function recurringMinor(
  price: Pick<Price, 'baseMinor' | 'minimumMinor'> | undefined,
  status: string,
): bigint {
  if (price === undefined || !recurring.includes(status)) return 0n
  const { baseMinor, minimumMinor } = price
  if (baseMinor < minimumMinor) return minimumMinor
  return baseMinor
}

/** What one change did to the recurring revenue of its currency. */
export interface RecurringStep {
  readonly atMs: number
  readonly amountMinor: bigint
}

/** The recurring revenue at the end of each stretch (ascending), told from what it is now by taking back what came after. */
export function recurringAt(
  nowMinor: bigint,
  steps: readonly RecurringStep[],
  endsMs: readonly number[],
): readonly bigint[] {
  const latestFirst = [...steps].sort((one, other) => other.atMs - one.atMs)
  const levels: bigint[] = []
  let level = nowMinor
  let at = 0
  for (const endMs of [...endsMs].reverse()) {
    for (let step = latestFirst[at]; step !== undefined && step.atMs >= endMs; step = latestFirst[at]) {
      level -= step.amountMinor
      at += 1
    }
    levels.push(level)
  }
  return levels.reverse()
}
