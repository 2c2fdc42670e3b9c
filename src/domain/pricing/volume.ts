import { amountLine, type ChargeLine, unitLine } from './charge-line.ts'
import { tierText } from './graduated.ts'
import type { Common, UseRange } from './price.ts'
import type { Tier } from './tiers.ts'

/** All units at the price of the one tier that their number falls in. */
export interface VolumePrice extends Common {
  readonly model: 'volume'
  readonly tiers: readonly Tier[]
}

/**
 * The units of the range at the price of the tier that its end falls in, with that tier's fee. Not additive: a part of a period under
 * such a price stands for itself.
 */
export function rateVolume({ currency, tiers }: VolumePrice, { from, to }: UseRange): readonly ChargeLine[] {
  const quantity = to - from
  const tier = tiers.find(({ upTo }) => upTo === null || to <= upTo)
  if (tier === undefined || quantity === 0) return []
  const { unitMicros, feeMinor } = tier
  const description = `Volume price: ${tierText(tier).toLowerCase()}`
  const line = unitLine(currency, { kind: 'tier', description, quantity, unitMicros })
  if (feeMinor === 0n) return [line]
  return [
    line,
    amountLine(currency, { kind: 'tier_fee', description: `${description}, fee`, amountMinor: feeMinor }),
  ]
}
