import fc from 'fast-check'
import { expect, test } from 'vitest'
import { naiveTaxes } from '#test/billing/naive-rater.ts'
import { ppmOf, type TaxRate, taxOn } from './tax.ts'

const rate = (name: string, percent: string, more: Partial<TaxRate> = {}): TaxRate => ({
  name,
  country: 'DE',
  organizationId: null,
  ppm: ppmOf(percent),
  isInclusive: false,
  isCompound: false,
  validFromMs: null,
  validUntilMs: null,
  ...more,
})
const inclusive = { isInclusive: true }
const compound = { isCompound: true }

/** `8.40 + VAT 1.60`, as a person with a pencil writes it. */
const written = (amountMinor: bigint, rates: readonly TaxRate[]): string => {
  const { netMinor, charges } = taxOn(amountMinor, rates)
  return [`${netMinor}`, ...charges.map(({ name, amountMinor: tax }) => `${name} ${tax}`)].join(' + ')
}

test.each([
  ['1000 + VAT 190', 1000n, [rate('VAT', '19')]],
  ['840 + VAT 160', 1000n, [rate('VAT', '19', inclusive)]],
  ['1 + VAT 0', 1n, [rate('VAT', '19', inclusive)]],
  ['2 + VAT 1', 3n, [rate('VAT', '20', inclusive)]],
  ['0 + VAT 0', 0n, [rate('VAT', '19', inclusive)]],
  ['1000 + VAT 0', 1000n, [rate('VAT', '0', inclusive)]],
  // 9.975 % of 10.50 is 1.047375.
  ['1000 + GST 50 + QST 105', 1000n, [rate('QST', '9.975', compound), rate('GST', '5')]],
  // A compound rate by itself is one like the others.
  ['1000 + QST 100', 1000n, [rate('QST', '9.975', compound)]],
  // 11.55 x 9.975 / 109.975 = 1.0476, 10.50 x 5 / 105 = 0.50
  ['1000 + GST 50 + QST 105', 1155n, [rate('GST', '5', inclusive), rate('QST', '9.975', compound)]],
  // 10.00 x 5 / 112 = 0.446, x 7 / 112 = 0.625
  ['892 + A 45 + B 63', 1000n, [rate('A', '5', inclusive), rate('B', '7', inclusive)]],
  ['1000', 1000n, []],
])('%s is worked out as by hand', (expected, amount, rates) => {
  expect(written(amount, rates)).toBe(expected)
})

const rates = fc
  .array(
    fc.record({
      ppm: fc.integer({ min: 0, max: 999_999 }).map(BigInt),
      isInclusive: fc.boolean(),
      isCompound: fc.boolean(),
    }),
    { maxLength: 5 },
  )
  .map((all) => all.map(({ ppm, ...more }, index) => ({ ...rate(`tax ${index}`, '0', more), ppm })))

test('what is paid is net and taxes, of an inclusive price exactly the price, as somebody finds who counts another way', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 12n }), rates, (amount, all) => {
      const { netMinor, charges, isInclusive } = taxOn(amount, all)
      const gross = charges.reduce((sum, { amountMinor }) => sum + amountMinor, netMinor)
      expect(isInclusive ? gross : netMinor).toBe(amount)
      const found = naiveTaxes(amount, all)
      expect({ gross, net: netMinor, taxes: charges.map(({ amountMinor }) => amountMinor) }).toEqual(found)
      for (const part of [netMinor, ...found.taxes]) expect(part).toBeGreaterThanOrEqual(0n)
    }),
    { numRuns: 500 },
  )
})
