import type { ChargeLine } from './charge-line.ts'
import type { Common, UseRange } from './price.ts'

/** A share of the amounts that a route meters: its units are minor units of the currency. */
export interface PercentagePrice extends Common {
  readonly model: 'percentage'
  /** Hundredths of a percent, 0 to 10,000. */
  readonly basisPoints: number
}

/** round half up(amount * basis points / 10,000), once. */
export function ratePercentage(
  { basisPoints }: PercentagePrice,
  { from, to }: UseRange,
): readonly ChargeLine[] {
  const quantity = to - from
  if (quantity === 0) return []
  const amountMinor = (BigInt(quantity) * BigInt(basisPoints) + 5_000n) / 10_000n
  return [
    {
      kind: 'percentage',
      description: `${percentText(basisPoints)} %`,
      quantity,
      unitMicros: 0n,
      basisPoints,
      amountMinor,
    },
  ]
}

function percentText(basisPoints: number): string {
  const hundredths = String(basisPoints).padStart(3, '0')
  return `${hundredths.slice(0, -2)}.${hundredths.slice(-2)}`.replace(/\.?0+$/, '')
}
