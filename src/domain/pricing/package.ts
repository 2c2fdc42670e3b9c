import { type ChargeLine, countText, unitLine } from './charge-line.ts'
import type { Common, UseRange } from './price.ts'

/** Units in packages; one that is begun is owed whole. */
export interface PackagePrice extends Common {
  readonly model: 'package'
  readonly packageSize: number
  readonly packageMicros: bigint
}

/** The packages that the range is the first to begin. */
export function ratePackage(price: PackagePrice, { from, to }: UseRange): readonly ChargeLine[] {
  const { currency, packageSize, packageMicros } = price
  const quantity = begun(to, packageSize) - begun(from, packageSize)
  if (quantity === 0) return []
  const description = `Packages of ${countText(packageSize)}`
  return [unitLine(currency, { kind: 'package', description, quantity, unitMicros: packageMicros })]
}

// In integers: the quotient of two large numbers is not exact.
const begun = (units: number, size: number): number => {
  const rest = units % size
  return (units - rest) / size + (rest > 0 ? 1 : 0)
}
