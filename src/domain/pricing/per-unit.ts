import { type ChargeLine, unitLine } from './charge-line.ts'
import type { Common, UseRange } from './price.ts'

/** Every unit at the same price. */
export interface PerUnitPrice extends Common {
  readonly model: 'per_unit'
  readonly unitMicros: bigint
}

/** Units times their price. */
export function ratePerUnit(
  { currency, unitMicros }: PerUnitPrice,
  { from, to }: UseRange,
): readonly ChargeLine[] {
  if (to === from) return []
  return [unitLine(currency, { kind: 'usage', description: 'Usage', quantity: to - from, unitMicros })]
}
