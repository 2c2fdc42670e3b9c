import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  currencyExponent,
  decimalAmount,
  formatMoney,
  formatUnitPrice,
  microsOf,
  parseAmount,
  parseUnitPrice,
  roundMicros,
} from './money.ts'

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

  test('what is written for programs reads back as the same amount, and people read the same digits', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 24n }), currency, (amountMinor, code) => {
        const written = decimalAmount({ amountMinor, currency: code })
        expect(parseAmount(written, code)).toBe(amountMinor)
        const [text = '', shown] = formatMoney({ amountMinor, currency: code }).split(' ')
        expect(shown).toBe(code)
        expect(text.replaceAll(',', '')).toBe(written)
        expect(text).toMatch(/^\d{1,3}(,\d{3})*(\.\d+)?$/)
        expect(formatMoney({ amountMinor: -amountMinor - 1n, currency: code })).toBe(
          `-${formatMoney({ amountMinor: amountMinor + 1n, currency: code })}`,
        )
      }),
    )
  })

  test.each([
    [6000n, 'USD', '60.00 USD'],
    [5n, 'USD', '0.05 USD'],
    [-5n, 'USD', '-0.05 USD'],
    [500n, 'JPY', '500 JPY'],
    [1n, 'KWD', '0.001 KWD'],
    [99_999n, 'USD', '999.99 USD'],
    [123_456_789n, 'USD', '1,234,567.89 USD'],
    [-100_000n, 'EUR', '-1,000.00 EUR'],
    [-100n, 'JPY', '-100 JPY'],
    [1_500_000n, 'JPY', '1,500,000 JPY'],
    [1_234_567n, 'KWD', '1,234.567 KWD'],
    [900_719_925_474_099_301n, 'USD', '9,007,199,254,740,993.01 USD'],
  ])('%s of %s is shown as %s', (amountMinor, code, text) => {
    expect(formatMoney({ amountMinor, currency: code })).toBe(text)
  })
})

test.each([
  ['0.000125', 'USD', '0.000125 USD'],
  ['0.5', 'USD', '0.50 USD'],
  ['2', 'USD', '2.00 USD'],
  ['1500.25', 'EUR', '1,500.25 EUR'],
  ['12000', 'JPY', '12,000 JPY'],
  ['0.5', 'JPY', '0.5 JPY'],
  ['1', 'KWD', '1.000 KWD'],
  ['-1234567.5', 'USD', '-1,234,567.50 USD'],
])('a unit price of %s %s is shown as %s', (price, code, text) => {
  expect(formatUnitPrice(price, code)).toBe(text)
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
