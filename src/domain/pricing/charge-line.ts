import { microsOf, roundMicros, withSeparators } from '../money.ts'

/** What a line stands for: the fee of the period, use under one of the models, or what is missing to a minimum commitment. */
export type ChargeKind =
  | 'base'
  | 'usage'
  | 'overage'
  | 'tier'
  | 'tier_fee'
  | 'package'
  | 'percentage'
  | 'minimum'

/** One line of what is owed: `amountMinor` is `quantity` times `unitMicros`, rounded half up once. */
export interface ChargeLine {
  readonly kind: ChargeKind
  readonly description: string
  readonly quantity: number
  /** Micro-units of the major unit; 0 on a percentage line, which has `basisPoints`. */
  readonly unitMicros: bigint
  readonly basisPoints?: number
  readonly amountMinor: bigint
}

/** A line of so many units at a price each. */
export function unitLine(
  currency: string,
  line: Pick<ChargeLine, 'kind' | 'description' | 'quantity' | 'unitMicros'>,
): ChargeLine {
  const { amountMinor } = roundMicros(BigInt(line.quantity) * line.unitMicros, currency)
  return { ...line, amountMinor }
}

/** A line of one amount. */
export function amountLine(
  currency: string,
  line: Pick<ChargeLine, 'kind' | 'description' | 'amountMinor'>,
): ChargeLine {
  return { ...line, quantity: 1, unitMicros: microsOf({ amountMinor: line.amountMinor, currency }) }
}

/** What the lines come to. */
export const sumOf = (lines: readonly { readonly amountMinor: bigint }[]): bigint =>
  lines.reduce((sum, line) => sum + line.amountMinor, 0n)

/** A count as people read it: `10,000`. */
export const countText = (count: number): string => withSeparators(String(count))
