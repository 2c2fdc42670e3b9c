import { type ChargeLine, countText, unitLine } from './charge-line.ts'
import type { Common, UseRange } from './price.ts'

/** A number of units in the fee of the period, and a price for each one past them. */
export interface FlatPrice extends Common {
  readonly model: 'flat'
  /** null = unlimited. */
  readonly includedUnits: number | null
  readonly overageUnitMicros: bigint
}

/** How many units of a range lie past the included ones. */
export const overageUnits = ({ includedUnits }: FlatPrice, { from, to }: UseRange): number =>
  includedUnits === null ? 0 : Math.max(0, to - includedUnits) - Math.max(0, from - includedUnits)

/** Overage: max(0, units - included) times its price. */
export function rateFlat(price: FlatPrice, range: UseRange): readonly ChargeLine[] {
  const quantity = overageUnits(price, range)
  if (quantity === 0 || price.overageUnitMicros === 0n) return []
  return [
    unitLine(price.currency, {
      kind: 'overage',
      description: `Past the ${countText(price.includedUnits ?? 0)} included`,
      quantity,
      unitMicros: price.overageUnitMicros,
    }),
  ]
}
