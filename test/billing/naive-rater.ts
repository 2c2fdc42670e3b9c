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
  const sum = BigInt(plan.base) + naiveUse(plan, 0, units)
  return sum < BigInt(plan.minimum) ? BigInt(plan.minimum) : sum
}

/** From second `at` of a period on, this plan holds; nothing is charged without one. */
export interface NaiveSwitch {
  readonly at: number
  readonly plan: NaivePlan | null
}

/** A period of so many seconds, counted second by second, with one unit at each of the given seconds. */
export function naivePeriod(
  seconds: number,
  switches: readonly NaiveSwitch[],
  uses: readonly number[],
): bigint {
  let sum = 0n
  let counted = 0
  for (const [index, { at, plan }] of switches.entries()) {
    const end = switches[index + 1]?.at ?? seconds
    let held = 0
    for (let second = at; second < end; second += 1) held += 1
    if (plan === null || held === 0) continue
    const used = uses.filter((second) => second >= at && second < end).length
    const share = (amount: number): bigint => nearest(BigInt(amount) * BigInt(held), BigInt(seconds))
    const owed = share(plan.base) + naiveUse(plan, counted, counted + used)
    const least = share(plan.minimum)
    counted += used
    sum += owed
    if (owed < least) sum += least - owed
  }
  return sum
}

/** What is left of a sum when a share in hundredths of a percent, or an amount, is taken off. */
export function naiveDiscount(
  sum: bigint,
  off: { readonly basisPoints: number } | { readonly amount: number },
) {
  if ('amount' in off) {
    let left = sum
    for (let taken = 0; taken < off.amount && left > 0n; taken += 1) left -= 1n
    return left
  }
  return sum - roundDigits(String(sum * BigInt(off.basisPoints)), 4)
}

/** A tax as its author would write it. */
export interface NaiveTax {
  /** Millionths: 19 percent is 190,000. */
  readonly ppm: bigint
  readonly isInclusive: boolean
  readonly isCompound: boolean
}

/** Net, taxes (compound ones last) and what is paid, of an amount as it is listed: one tax after the other, from what is left. */
export function naiveTaxes(amount: bigint, rates: readonly NaiveTax[]) {
  const groups = [rates.filter((rate) => !rate.isCompound), rates.filter((rate) => rate.isCompound)]
  const taxes = new Map<NaiveTax, bigint>()
  let [net, gross] = [amount, amount]
  if (rates.some(({ isInclusive }) => isInclusive))
    for (const group of groups.toReversed()) {
      const price = net
      let parts = 1_000_000n
      for (const { ppm } of group) parts += ppm
      for (const rate of group) {
        let tax = nearest(price * rate.ppm, parts)
        while (tax > net) tax -= 1n
        taxes.set(rate, tax)
        net -= tax
      }
    }
  else
    for (const group of groups) {
      const price = gross
      for (const rate of group) {
        const tax = roundDigits(String(price * rate.ppm), 6)
        taxes.set(rate, tax)
        gross += tax
      }
    }
  return { gross, net, taxes: groups.flat().map((rate) => taxes.get(rate) ?? 0n) }
}

/** The whole number that a fraction is nearest to, the half going up: found by trying. */
function nearest(numerator: bigint, denominator: bigint): bigint {
  let whole = numerator / denominator
  while (2n * (numerator - whole * denominator) >= denominator) whole += 1n
  return whole
}

function naiveUse(plan: NaivePlan, from: number, to: number): bigint {
  const piles = new Map<string, { millionths: bigint; fee: bigint }>()
  const add = (pile: string, millionths: number, fee = 0): void => {
    const held = piles.get(pile) ?? { millionths: 0n, fee: 0n }
    piles.set(pile, { millionths: held.millionths + BigInt(millionths), fee: held.fee + BigInt(fee) })
  }
  const tierOf = (unit: number) => plan.tiers.findIndex(({ upTo }) => unit <= upTo)
  if (plan.model === 'percentage') return roundDigits(`${BigInt(to - from) * BigInt(plan.basisPoints)}`, 4)
  for (let unit = from + 1; unit <= to; unit += 1) {
    if (plan.model === 'flat' && unit > plan.included) add('overage', plan.unitMillionths)
    if (plan.model === 'per_unit') add('units', plan.unitMillionths)
    if (plan.model === 'package' && (unit - 1) % plan.packageSize === 0) add('packages', plan.unitMillionths)
    const tier = plan.tiers[tierOf(plan.model === 'volume' ? to : unit)]
    const opens =
      plan.model === 'volume' ? unit === from + 1 : tierOf(unit) !== tierOf(unit - 1) || unit === 1
    if ((plan.model === 'graduated' || plan.model === 'volume') && tier !== undefined)
      add(String(tier.upTo), tier.millionths, opens ? tier.fee : 0)
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
