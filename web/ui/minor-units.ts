import { currencyExponent, decimalAmount } from '#domain/money.ts'

/** An amount that somebody typed in the major unit as minor units, digit by digit; null for nothing typed, undefined for no amount. */
export function minorOf(typed: string, currency: string): number | null | undefined {
  const words = typed.trim()
  if (words === '') return null
  const digits = currencyExponent(currency)
  const [, whole = '', part = ''] = /^(\d{1,12})(?:[.,](\d+))?$/.exec(words) ?? []
  if (whole === '' || part.length > digits) return undefined
  return Number(`${whole}${part.padEnd(digits, '0')}`)
}

/** Minor units as somebody would type them. */
export const majorText = (amount: number, currency: string): string =>
  decimalAmount({ amountMinor: BigInt(amount), currency })
