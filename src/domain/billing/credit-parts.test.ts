import fc from 'fast-check'
import { expect, test } from 'vitest'
import { creditParts, leftOfLines } from './credit-parts.ts'

const untouched = { credited: 0, credited_subtotal: 0 }
const onTop = { subtotal: 1000, tax: 190, total: 1190, tax_inclusive: false, ...untouched }
const inside = { subtotal: 840, tax: 160, total: 1000, tax_inclusive: true, ...untouched }

test('a part that is taken back has its tax on top of it, or inside of it where the lines contain it', () => {
  expect(creditParts(onTop, 333n)).toEqual({ netMinor: 333n, taxMinor: 63n })
  expect(creditParts(onTop, leftOfLines(onTop))).toEqual({ netMinor: 1000n, taxMinor: 190n })
  // 3.33 x 1.60 / 10.00 = 0.5328
  expect(creditParts(inside, 333n)).toEqual({ netMinor: 280n, taxMinor: 53n })
  expect(creditParts(inside, leftOfLines(inside))).toEqual({ netMinor: 840n, taxMinor: 160n })
})

test('parts of any size come to exactly the invoice, and never to more of its net amount or of its tax than there is', () => {
  const amounts = fc.record({ subtotal: fc.nat(3_000), tax: fc.nat(900), tax_inclusive: fc.boolean() })
  fc.assert(
    fc.property(amounts, fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 60 }), (fields, parts) => {
      const invoice = { ...fields, total: fields.subtotal + fields.tax, ...untouched }
      for (const wish of [...parts, 10_000]) {
        const left = leftOfLines(invoice)
        const amount = BigInt(wish) < left ? BigInt(wish) : left
        if (amount === 0n) continue
        const { netMinor, taxMinor } = creditParts(invoice, amount)
        expect(netMinor).toBeGreaterThanOrEqual(0n)
        expect(taxMinor).toBeGreaterThanOrEqual(0n)
        expect(invoice.tax_inclusive ? netMinor + taxMinor : netMinor).toBe(amount)
        invoice.credited += Number(netMinor + taxMinor)
        invoice.credited_subtotal += Number(netMinor)
        expect(invoice.credited_subtotal).toBeLessThanOrEqual(invoice.subtotal)
        expect(invoice.credited - invoice.credited_subtotal).toBeLessThanOrEqual(invoice.tax)
      }
      const isOver = invoice.tax_inclusive || invoice.subtotal > 0
      if (isOver) expect(invoice.credited).toBe(invoice.total)
    }),
  )
})
