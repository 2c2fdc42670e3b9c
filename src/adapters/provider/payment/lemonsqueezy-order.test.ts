import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type LemonOrder, readOrder, refundedOf, withTax } from './lemonsqueezy-order.ts'

const order = (asked: number, total: number, refundedTotal: number): LemonOrder => ({
  id: '1',
  customerId: '1',
  asked,
  total,
  refundedTotal,
  currency: 'usd',
  status: 'succeeded',
  reference: undefined,
  createdAt: '2026-11-20T12:00:00.000Z',
})

test('a refund with its taxes is counted as exactly the part of the invoice that was given back', () => {
  const taxed = fc
    .tuple(fc.integer({ min: 1, max: 10_000_000 }), fc.integer({ min: 0, max: 3_000 }))
    .chain(([asked, tax]) =>
      fc.tuple(fc.constant(asked), fc.constant(tax), fc.integer({ min: 0, max: asked })),
    )
  fc.assert(
    fc.property(taxed, ([asked, tax, part]) => {
      const total = asked + Math.round((asked * tax) / 10_000)
      expect(refundedOf(order(asked, total, withTax(part, { asked, total })))).toBe(part)
      expect(withTax(asked, { asked, total })).toBe(total)
    }),
  )
})

test('what was asked for is the total without the tax on top, and with the tax inside', () => {
  const attributes = {
    total: 7140,
    tax: 1140,
    subtotal: 6000,
    tax_inclusive: false,
    status: 'paid',
    currency: 'USD',
  }
  expect(readOrder({ id: '1', attributes }).asked).toBe(6000)
  const inside = { ...attributes, total: 6000, tax: 958, subtotal: 5042, tax_inclusive: true }
  expect(readOrder({ id: '1', attributes: inside }).asked).toBe(6000)
})
