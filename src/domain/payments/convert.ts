import { currencyExponent } from '../money.ts'

/** How much of one currency stands for one of another: `1530.25` naira for a dollar. */
export interface ExchangeRate {
  readonly from: string
  readonly to: string
  /** A decimal text of the major unit, exact. */
  readonly rate: string
}

const form = /^(\d{1,9})(?:\.(\d{1,24}))?$/

/** An amount in the other currency, rounded half up once; undefined where the rate is none or less than the smallest unit comes out. */
export function convertMinor(amountMinor: bigint, { from, to, rate }: ExchangeRate): bigint | undefined {
  const [, whole, fraction = ''] = form.exec(rate) ?? []
  if (whole === undefined || amountMinor <= 0n) return undefined
  const numerator = amountMinor * BigInt(`${whole}${fraction}`) * 10n ** BigInt(currencyExponent(to))
  const denominator = 10n ** BigInt(fraction.length + currencyExponent(from))
  const converted = (2n * numerator + denominator) / (2n * denominator)
  return converted > 0n ? converted : undefined
}
