import fc from 'fast-check'
import { expect, test } from 'vitest'
import { invoicePart, type PaidPayment, refundableMinor, refundParts, refundStatus } from './refundable.ts'

const paid: PaidPayment = {
  status: 'succeeded',
  amount: 6000,
  received_amount: 6000,
  invoice_amount: 6000,
  refunded: 0,
}

test('never more is given back than has come, and nothing of what took no money', () => {
  expect(refundableMinor({ ...paid, refunded: 5999 })).toBe(1)
  expect(refundableMinor({ ...paid, refunded: 7000 })).toBe(0)
  expect(refundableMinor({ ...paid, status: 'flagged', received_amount: 434 })).toBe(434)
  for (const status of ['requested', 'processing', 'failed', 'expired'])
    expect(refundableMinor({ ...paid, status })).toBe(0)
})

test('parts of a payment come to exactly what it paid of the invoice, in whatever currency and order', () => {
  const amounts = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(amounts, fc.integer({ min: 1, max: 10_000_000 }), (parts, invoice_amount) => {
      const amount = parts.reduce((sum, part) => sum + part, 0)
      let refunded = 0
      let taken = 0
      for (const part of parts) {
        const piece = invoicePart({ ...paid, amount, invoice_amount, refunded }, part)
        expect(piece).toBeGreaterThanOrEqual(0)
        refunded += part
        taken += piece
      }
      expect(taken).toBe(invoice_amount)
    }),
  )
  expect(invoicePart({ ...paid, status: 'flagged' }, 434)).toBe(0)
})

test('net, tax and loss of refunds come to what went back; all of the invoice gives all of its tax back', () => {
  const parts = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(parts, fc.nat(20_000), fc.nat(4_000), (amounts, subtotal, tax) => {
      const invoice = { subtotal, total: subtotal + tax, credited: 0, credited_subtotal: 0 }
      for (const amount of amounts) {
        const { netMinor, taxMinor, excessMinor } = refundParts(invoice, BigInt(amount))
        expect(netMinor + taxMinor + excessMinor).toBe(BigInt(amount))
        expect(netMinor >= 0n && taxMinor >= 0n && excessMinor >= 0n).toBe(true)
        invoice.credited += Number(netMinor + taxMinor)
        invoice.credited_subtotal += Number(netMinor)
        expect(invoice.credited_subtotal).toBeLessThanOrEqual(subtotal)
        expect(invoice.credited - invoice.credited_subtotal).toBeLessThanOrEqual(tax)
      }
      if (invoice.credited === invoice.total) expect(invoice.credited_subtotal).toBe(subtotal)
    }),
  )
})

test('a refund is done or failed only where the provider says so', () => {
  expect(['succeeded', 'processed', 'failed', 'canceled', 'pending', 'queued'].map(refundStatus)).toEqual([
    'succeeded',
    'succeeded',
    'failed',
    'failed',
    'waiting',
    'waiting',
  ])
})
