import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { currencyExponent, formatMoney, microsOf, parseAmount, parseUnitPrice, roundMicros } from './money.ts'

const currency = fc.constantFrom('USD', 'JPY', 'KWD', 'NGN')
const amount = fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n })

describe('amounts', () => {
  test.each([
    ['19.99', 'USD', 1999n],
    ['4.35', 'USD', 435n],
    ['0.29', 'USD', 29n],
    ['10', 'USD', 1000n],
    ['1.5', 'KWD', 1500n],
    ['1.001', 'BHD', 1001n],
    ['500', 'JPY', 500n],
    ['500.00', 'KRW', 500n],
    ['0', 'USD', 0n],
  ])('%s %s is exactly %s minor units', (text, code, minor) => {
    expect(parseAmount(text, code)).toBe(minor)
  })

  test.each([
    ['0.001', 'USD'],
    ['1.5', 'JPY'],
    ['1.0001', 'KWD'],
    ['-1', 'USD'],
    ['1e3', 'USD'],
    ['', 'USD'],
    ['.5', 'USD'],
    ['1.', 'USD'],
    [' 1', 'USD'],
    ['1,000', 'USD'],
  ])('%j %s is not an amount', (text, code) => {
    expect(parseAmount(text, code)).toBeUndefined()
  })

  test('what is formatted reads back as the same amount', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 18n }), currency, (amountMinor, code) => {
        const [text = '', shown] = formatMoney({ amountMinor, currency: code }).split(' ')
        expect(shown).toBe(code)
        expect(parseAmount(text, code)).toBe(amountMinor)
      }),
    )
  })

  test.each([
    [6000n, 'USD', '60.00 USD'],
    [5n, 'USD', '0.05 USD'],
    [-5n, 'USD', '-0.05 USD'],
    [500n, 'JPY', '500 JPY'],
    [1n, 'KWD', '0.001 KWD'],
  ])('%s of %s is shown as %s', (amountMinor, code, text) => {
    expect(formatMoney({ amountMinor, currency: code })).toBe(text)
  })
})

describe('rounding', () => {
  test.each([
    ['0.004999', 0n],
    ['0.005', 1n],
    ['0.014999', 1n],
    ['0.015', 2n],
  ])('%s USD rounds half up to %s cents', (text, minor) => {
    expect(roundMicros(parseUnitPrice(text) ?? -1n, 'USD').amountMinor).toBe(minor)
  })

  test('an amount survives the way to micro-units and back', () => {
    fc.assert(
      fc.property(amount, currency, (amountMinor, code) => {
        const money = { amountMinor, currency: code }
        expect(roundMicros(microsOf(money), code)).toEqual(money)
      }),
    )
  })

  test('is never off by more than half a minor unit, and a credit mirrors its charge', () => {
    fc.assert(
      fc.property(amount, currency, (micros, code) => {
        const rounded = roundMicros(micros, code)
        const error = microsOf(rounded) - micros
        const unit = 10n ** BigInt(6 - currencyExponent(code))
        expect(2n * (error < 0n ? -error : error)).toBeLessThanOrEqual(unit)
        expect(roundMicros(-micros, code).amountMinor).toBe(-rounded.amountMinor)
      }),
    )
  })

  test('whole minor units add up the same before and after rounding', () => {
    fc.assert(
      fc.property(amount, amount, currency, (whole, micros, code) => {
        const wholeMicros = microsOf({ amountMinor: whole < 0n ? -whole : whole, currency: code })
        const rest = micros < 0n ? -micros : micros
        const apart = roundMicros(wholeMicros, code).amountMinor + roundMicros(rest, code).amountMinor
        expect(roundMicros(wholeMicros + rest, code).amountMinor).toBe(apart)
      }),
    )
  })
})

test.each([
  ['0.000001', 1n],
  ['0.01', 10_000n],
  ['2', 2_000_000n],
  ['0.0000001', undefined],
  ['abc', undefined],
])('the unit price %s is %s micro-units', (text, micros) => {
  expect(parseUnitPrice(text)).toBe(micros)
})
