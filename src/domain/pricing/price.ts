import { Fault } from '#contract/outcome.ts'
import { amountLine, type ChargeLine, sumOf } from './charge-line.ts'
import { type FlatPrice, rateFlat } from './flat.ts'
import { type GraduatedPrice, rateGraduated } from './graduated.ts'
import { type PackagePrice, ratePackage } from './package.ts'
import { type PerUnitPrice, ratePerUnit } from './per-unit.ts'
import { type PercentagePrice, ratePercentage } from './percentage.ts'
import { rateVolume, type VolumePrice } from './volume.ts'

/** What every price has, whatever its model. */
export interface Common {
  readonly currency: string
  /** The fee of a whole period. */
  readonly baseMinor: bigint
  /** What a whole period comes to at least. */
  readonly minimumMinor: bigint
}

/** What a plan costs, read by `readPrice` from a plan or one of its price versions. */
export type Price = FlatPrice | PerUnitPrice | GraduatedPrice | VolumePrice | PackagePrice | PercentagePrice

/** The units of a period from the one after `from` to the one numbered `to`. */
export interface UseRange {
  readonly from: number
  readonly to: number
}

/** What a whole period with so many units costs, line by line: base, use, and what is missing to the minimum. */
export function rate(price: Price, quantity: number): readonly ChargeLine[] {
  const lines = [...baseLines(price, price.baseMinor), ...rateUse(price, { from: 0, to: quantity })]
  return [...lines, ...minimumLines(price, price.minimumMinor, sumOf(lines))]
}

/**
 * What the units of a part of a period cost, given how many came before them. Under every model but volume, the parts of a period
 * have the units and fees of the whole.
 */
export function rateUse(price: Price, range: UseRange): readonly ChargeLine[] {
  const { from, to } = range
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 0 || to < from)
    throw new Fault('internal_error', `usage from ${from} to ${to} cannot be rated`)
  switch (price.model) {
    case 'flat':
      return rateFlat(price, range)
    case 'per_unit':
      return ratePerUnit(price, range)
    case 'graduated':
      return rateGraduated(price, range)
    case 'volume':
      return rateVolume(price, range)
    case 'package':
      return ratePackage(price, range)
    case 'percentage':
      return ratePercentage(price, range)
  }
}

/** The line of a period's fee or of a part of it; none for a fee of 0. */
export function baseLines({ currency }: Price, amountMinor: bigint, description = 'Base fee'): ChargeLine[] {
  return amountMinor === 0n ? [] : [amountLine(currency, { kind: 'base', description, amountMinor })]
}

/** The line that lifts a sum to a minimum; none where the sum is there already. */
export function minimumLines({ currency }: Price, minimumMinor: bigint, sumMinor: bigint): ChargeLine[] {
  const amountMinor = minimumMinor - sumMinor
  if (amountMinor <= 0n) return []
  return [amountLine(currency, { kind: 'minimum', description: 'To the minimum commitment', amountMinor })]
}
