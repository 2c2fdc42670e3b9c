/** An amount of money: whole minor units (cents, yen, fils) of an ISO 4217 currency. */
export interface Money {
  readonly amountMinor: bigint
  readonly currency: string
}

/** ISO 4217: the currencies whose minor unit is not a hundredth. */
const exponents: ReadonlyMap<string, 0 | 3> = new Map([
  ...[
    'BIF',
    'CLP',
    'DJF',
    'GNF',
    'ISK',
    'JPY',
    'KMF',
    'KRW',
    'PYG',
    'RWF',
    'UGX',
    'VND',
    'VUV',
    'XAF',
    'XOF',
  ].map((currency) => [currency, 0] as const),
  ['XPF', 0],
  ...['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'].map((currency) => [currency, 3] as const),
])

const microDigits = 6

/** How many decimals the minor unit of a currency has: 2 unless ISO 4217 says 0 or 3. */
export const currencyExponent = (currency: string): 0 | 2 | 3 => exponents.get(currency) ?? 2

/** A decimal text of the major unit as exact minor units ("4.35" is 435 in USD); undefined when it is not exactly that. */
export function parseAmount(text: string, currency: string): bigint | undefined {
  return parseDecimal(text, currencyExponent(currency))
}

/** A decimal text of the major unit as micro-units of it ("0.000001" is 1); undefined for anything finer or not a price. */
export function parseUnitPrice(text: string): bigint | undefined {
  return parseDecimal(text, microDigits)
}

/** Whole minor units as micro-units of the major unit. */
export function microsOf(money: Money): bigint {
  return money.amountMinor * 10n ** BigInt(microDigits - currencyExponent(money.currency))
}

/** Micro-units of the major unit as minor units, rounded half up by magnitude: a credit mirrors its charge. Once per line. */
export function roundMicros(micros: bigint, currency: string): Money {
  const divisor = 10n ** BigInt(microDigits - currencyExponent(currency))
  const magnitude = ((micros < 0n ? -micros : micros) + divisor / 2n) / divisor
  return { amountMinor: micros < 0n ? -magnitude : magnitude, currency }
}

/** The amount for programs, a decimal number of the major unit without separators: `1234.50`, `-500`. */
export function decimalAmount({ amountMinor, currency }: Money): string {
  const exponent = currencyExponent(currency)
  const digits = String(amountMinor < 0n ? -amountMinor : amountMinor).padStart(exponent + 1, '0')
  const whole = digits.slice(0, digits.length - exponent)
  const fraction = exponent === 0 ? '' : `.${digits.slice(-exponent)}`
  return `${amountMinor < 0n ? '-' : ''}${whole}${fraction}`
}

/** The amount for people where its currency stands elsewhere: `1,234.50`, `-1,500`. */
export const formatAmount = (money: Money): string => withSeparators(decimalAmount(money))

/** The amount for people, wherever they read it: `1,234.50 USD`, `-1,500 JPY`. */
export const formatMoney = (money: Money): string => `${formatAmount(money)} ${money.currency}`

/** A decimal text of the major unit for people, with at least the decimals of its currency: `2` is `2.00`, `0.000125` itself. */
export function formatDecimal(text: string, currency: string): string {
  const [whole = '', fraction = ''] = text.split('.')
  const decimals = fraction.padEnd(currencyExponent(currency), '0')
  return withSeparators(`${whole || '0'}${decimals === '' ? '' : `.${decimals}`}`)
}

/** The price of a unit for people: `0.000125 USD`, `1,500.00 USD`. */
export const formatUnitPrice = (price: string, currency: string): string =>
  `${formatDecimal(price, currency)} ${currency}`

/** A number with its thousands apart: `12,000.5`. */
export function withSeparators(number: string): string {
  const [whole = '', fraction] = number.split('.')
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  return fraction === undefined ? grouped : `${grouped}.${fraction}`
}

function parseDecimal(text: string, digits: number): bigint | undefined {
  const match = /^(\d{1,30})(?:\.(\d{1,30}))?$/.exec(text)
  if (match === null) return undefined
  const fraction = (match[2] ?? '').replace(/0+$/, '')
  if (fraction.length > digits) return undefined
  return BigInt(`${match[1]}${fraction.padEnd(digits, '0')}`)
}

/** Micro-units of the major unit as a decimal text of it: 10000 is `0.01`. */
export function unitPriceText(micros: bigint): string {
  const digits = String(micros < 0n ? -micros : micros).padStart(microDigits + 1, '0')
  const fraction = digits.slice(-microDigits).replace(/0+$/, '')
  const whole = digits.slice(0, -microDigits)
  return `${micros < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`
}
