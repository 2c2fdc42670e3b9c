/** A price as its author would write it, in decimal text: nothing of it is shared with the product. */
export interface NaivePlan {
  readonly model: 'flat' | 'per_unit' | 'graduated' | 'volume' | 'package' | 'percentage'
  /** Decimals of the currency: 0, 2 or 3. */
  readonly decimals: number
  /** Minor units. */
  readonly base: number
  readonly minimum: number
  readonly included: number
  /** Millionths of the major unit. */
  readonly unitMillionths: number
  readonly packageSize: number
  readonly basisPoints: number
  readonly tiers: readonly { readonly upTo: number; readonly millionths: number; readonly fee: number }[]
}

/** Charges one unit after the other and rounds by looking at the digits: slow, and independent of how the product rates. */
export function naiveTotal(plan: NaivePlan, units: number): bigint {
  const sum = BigInt(plan.base) + naiveUse(plan, units)
  return sum < BigInt(plan.minimum) ? BigInt(plan.minimum) : sum
}

function naiveUse(plan: NaivePlan, units: number): bigint {
  const piles = new Map<string, { millionths: bigint; fee: bigint }>()
  const add = (pile: string, millionths: number, fee = 0): void => {
    const held = piles.get(pile) ?? { millionths: 0n, fee: BigInt(fee) }
    piles.set(pile, { ...held, millionths: held.millionths + BigInt(millionths) })
  }
  const tierOf = (unit: number) => plan.tiers.findIndex(({ upTo }) => unit <= upTo)
  if (plan.model === 'percentage') return roundDigits(`${BigInt(units) * BigInt(plan.basisPoints)}`, 4)
  for (let unit = 1; unit <= units; unit += 1) {
    if (plan.model === 'flat' && unit > plan.included) add('overage', plan.unitMillionths)
    if (plan.model === 'per_unit') add('units', plan.unitMillionths)
    if (plan.model === 'package' && (unit - 1) % plan.packageSize === 0) add('packages', plan.unitMillionths)
    const tier = plan.tiers[tierOf(plan.model === 'volume' ? units : unit)]
    if ((plan.model === 'graduated' || plan.model === 'volume') && tier !== undefined)
      add(String(tier.upTo), tier.millionths, tier.fee)
  }
  let sum = 0n
  for (const { millionths, fee } of piles.values())
    sum += roundDigits(String(millionths), 6 - plan.decimals) + fee
  return sum
}

/** Drops the last digits of a number; the first of them being 5 or more rounds up. */
function roundDigits(digits: string, dropped: number): bigint {
  const padded = digits.padStart(dropped + 1, '0')
  const kept = BigInt(padded.slice(0, padded.length - dropped))
  return dropped > 0 && '56789'.includes(padded.charAt(padded.length - dropped)) ? kept + 1n : kept
}
