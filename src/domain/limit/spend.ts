import { currencyExponent, microsOf } from '../money.ts'
import { sumOf } from '../pricing/charge-line.ts'
import { type Price, rateUse } from '../pricing/price.ts'

/** What the use of a month costs under a price, beyond its base fee; all amounts in micro-units of the major unit. */
export interface SpendTerms {
  readonly currency: string
  /** What so many units cost; never less than fewer of them did. */
  costMicros(units: number): number
  /** The most units that cost no more than that: those that cost nothing at least. */
  unitsFor(micros: number): number
  /** What one unit can cost at most. */
  readonly dearestMicros: number
}

const mostUnits = 2 ** 46

/** The terms of a price for the units that come after the first `from` of a period; null where use never costs more than the base fee. */
export function spendTermsOf(price: Price, from = 0): SpendTerms | null {
  if (sumOf(rateUse(price, { from, to: from + mostUnits })) === 0n) return null
  const dearestMicros = dearest(price)
  const { currency } = price
  if (price.model === 'flat') {
    const included = Math.max(0, (price.includedUnits ?? mostUnits) - from)
    return linear(currency, included, Number(price.overageUnitMicros))
  }
  if (price.model === 'per_unit') return linear(currency, 0, Number(price.unitMicros))
  const costMicros = (units: number): number => rated(price, from, units)
  return { currency, dearestMicros, costMicros, unitsFor: (micros) => search(costMicros, micros) }
}

/** A cap of minor units in micro-units of the major unit. */
export const capMicros = (minor: number, currency: string): number =>
  Number(microsOf({ amountMinor: BigInt(minor), currency }))

/** Micro-units as minor units, rounded up: no cap looks free that is not. */
export const minorOf = (micros: number, currency: string): number =>
  Math.ceil(micros / 10 ** (6 - currencyExponent(currency)))

/** Exact and without a big integer: most prices are these, and are asked on every request. */
const linear = (currency: string, included: number, unitMicros: number): SpendTerms => ({
  currency,
  dearestMicros: unitMicros,
  costMicros: (units) => Math.max(0, units - included) * unitMicros,
  unitsFor: (micros) => included + Math.floor(Math.max(0, micros) / unitMicros),
})

// Under a volume price more units can cost less: what a month has cost once, it has cost.
function rated(price: Price, from: number, units: number): number {
  const last = from + units
  const stops = price.model === 'volume' ? price.tiers.flatMap(({ upTo }) => upTo ?? []) : []
  const costs = [last, ...stops.filter((end) => from < end && end < last)].map((to) =>
    Number(microsOf({ amountMinor: sumOf(rateUse(price, { from, to })), currency: price.currency })),
  )
  return Math.max(...costs)
}

function search(costMicros: (units: number) => number, micros: number): number {
  const most = Math.max(0, micros)
  let [fits, passes] = [0, 1]
  while (passes < mostUnits && costMicros(passes) <= most) [fits, passes] = [passes, passes * 2]
  if (passes >= mostUnits) return mostUnits
  while (passes - fits > 1) {
    const middle = Math.floor((fits + passes) / 2)
    if (costMicros(middle) <= most) fits = middle
    else passes = middle
  }
  return fits
}

function dearest(price: Price): number {
  switch (price.model) {
    case 'flat':
      return Number(price.overageUnitMicros)
    case 'per_unit':
      return Number(price.unitMicros)
    case 'package':
      return Math.ceil(Number(price.packageMicros) / price.packageSize)
    case 'percentage':
      return Math.ceil(
        (price.basisPoints * Number(microsOf({ amountMinor: 1n, currency: price.currency }))) / 10_000,
      )
    default:
      return Math.max(...price.tiers.map(({ unitMicros }) => Number(unitMicros)))
  }
}
