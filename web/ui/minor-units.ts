/** ISO 4217: the currencies whose minor unit is not a hundredth. Browsers follow usage instead, and take a hundred away from some. */
const withoutMinor = 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF'.split(' ')
const thousandths = 'BHD IQD JOD KWD LYD OMR TND'.split(' ')

/** How many decimals the minor unit of a currency has. */
export const digitsOf = (currency: string): number =>
  withoutMinor.includes(currency) ? 0 : thousandths.includes(currency) ? 3 : 2

/** An amount that somebody typed in the major unit as minor units, digit by digit; null for nothing typed, undefined for no amount. */
export function minorOf(typed: string, currency: string): number | null | undefined {
  const words = typed.trim()
  if (words === '') return null
  const digits = digitsOf(currency)
  const [, whole = '', part = ''] = /^(\d{1,12})(?:[.,](\d+))?$/.exec(words) ?? []
  if (whole === '' || part.length > digits) return undefined
  return Number(`${whole}${part.padEnd(digits, '0')}`)
}

/** Minor units as somebody would type them. */
export function majorText(amount: number, currency: string): string {
  const digits = digitsOf(currency)
  const all = String(amount).padStart(digits + 1, '0')
  return digits === 0 ? all : `${all.slice(0, -digits)}.${all.slice(-digits)}`
}
