import { amountLine, type ChargeLine, countText, unitLine } from './charge-line.ts'
import type { Common, UseRange } from './price.ts'
import type { Tier } from './tiers.ts'

/** Each unit at the price of the tier it falls in. */
export interface GraduatedPrice extends Common {
  readonly model: 'graduated'
  readonly tiers: readonly Tier[]
}

/** One line for each tier that the range touches, with the fee of those it is the first to reach. */
export function rateGraduated(
  { currency, tiers }: GraduatedPrice,
  { from, to }: UseRange,
): readonly ChargeLine[] {
  const lines: ChargeLine[] = []
  for (const tier of tiers) {
    const quantity = Math.min(to, tier.upTo ?? to) - Math.max(from, tier.above)
    if (quantity <= 0) continue
    const description = tierText(tier)
    lines.push(unitLine(currency, { kind: 'tier', description, quantity, unitMicros: tier.unitMicros }))
    if (tier.feeMinor > 0n && from <= tier.above)
      lines.push(
        amountLine(currency, {
          kind: 'tier_fee',
          description: `${description}, fee`,
          amountMinor: tier.feeMinor,
        }),
      )
  }
  return lines
}

/** The units of a tier as people read them: `Units 1,001 to 5,000`. */
export const tierText = ({ above, upTo }: Tier): string =>
  upTo === null ? `Units from ${countText(above + 1)}` : `Units ${countText(above + 1)} to ${countText(upTo)}`
