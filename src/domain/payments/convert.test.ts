import fc from 'fast-check'
import { expect, test } from 'vitest'
import { currencyExponent } from '../money.ts'
import { convertMinor } from './convert.ts'

test('60.00 USD at 1530.25 naira is 91,815.00 naira in kobo; yen and dinars keep their decimals', () => {
  expect(convertMinor(6_000n, { from: 'USD', to: 'NGN', rate: '1530.25' })).toBe(9_181_500n)
  expect(convertMinor(6_000n, { from: 'USD', to: 'JPY', rate: '149.995' })).toBe(9_000n)
  expect(convertMinor(500n, { from: 'JPY', to: 'USD', rate: '0.00667' })).toBe(334n)
  expect(convertMinor(1_000n, { from: 'KWD', to: 'USD', rate: '3.25' })).toBe(325n)
})

test('half a unit is rounded up, and what is less than the smallest unit is no amount', () => {
  expect(convertMinor(1n, { from: 'USD', to: 'EUR', rate: '0.5' })).toBe(1n)
  expect(convertMinor(3n, { from: 'USD', to: 'EUR', rate: '0.5' })).toBe(2n)
  expect(convertMinor(1n, { from: 'USD', to: 'EUR', rate: '0.49' })).toBeUndefined()
  for (const rate of ['', '0', '-1', '1e3', '1,5', ' 1', 'NaN'])
    expect(convertMinor(100n, { from: 'USD', to: 'EUR', rate })).toBeUndefined()
})

const currency = fc.constantFrom('USD', 'NGN', 'EUR', 'JPY', 'KWD', 'GHS', 'XOF')
const rate = fc
  .tuple(fc.nat(999_999), fc.stringMatching(/^[0-9]{0,12}$/))
  .map(([whole, fraction]) => (fraction === '' ? `${whole}` : `${whole}.${fraction}`))

/** The value of a decimal text as a fraction. */
function fractionOf(text: string): { over: bigint; under: bigint } {
  const [whole = '0', fraction = ''] = text.split('.')
  return { over: BigInt(whole + fraction), under: 10n ** BigInt(fraction.length) }
}

test('a converted amount is within half of the smallest unit of the exact one, grows with the amount, and is the same every time', () => {
  fc.assert(
    fc.property(currency, currency, rate, fc.bigInt(1n, 10n ** 12n), (from, to, text, amount) => {
      const wish = { from, to, rate: text }
      const { over, under } = fractionOf(text)
      const exactOver = amount * over * 10n ** BigInt(currencyExponent(to))
      const exactUnder = under * 10n ** BigInt(currencyExponent(from))
      const converted = convertMinor(amount, wish)
      if (converted === undefined) {
        expect(2n * exactOver < exactUnder).toBe(true)
        return
      }
      const off = 2n * (converted * exactUnder - exactOver)
      expect(off > -exactUnder && off <= exactUnder).toBe(true)
      expect(convertMinor(amount + 1n, wish) ?? 0n).toBeGreaterThanOrEqual(converted)
      expect(convertMinor(amount, wish)).toBe(converted)
    }),
  )
})
