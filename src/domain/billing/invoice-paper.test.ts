import { expect, test } from 'vitest'
import type { Rows } from '#contract/rows.gen.ts'
import { creditNotePaper, invoicePaper, receiptPaper } from './invoice-paper.ts'

const period = { period_start: '2026-11-01T00:00:00.000Z', period_end: '2026-12-01T00:00:00.000Z' }
const invoice = {
  number: 'INV-2026-000042',
  status: 'open',
  currency: 'USD',
  subtotal: 6000,
  tax: 1140,
  total: 7140,
  credit_applied: 1000,
  amount_due: 6140,
  amount_paid: 0,
  credited: 0,
  issued_at: '2026-12-01T01:00:00.000Z',
  due_at: '2026-12-15T01:00:00.000Z',
  paid_at: null,
  created_at: '2026-12-01T00:05:00.000Z',
  ...period,
  event_count: 15_000,
  event_set_hash: 'ab'.repeat(32),
  payment_provider: null,
  payment_id: null,
  billed_to: {
    seller: { name: 'Engines Ltd', address: '12 Marina Road\nLagos', country: 'NG', note: 'Bank 0123' },
    buyer: { name: 'Żółć GmbH', postal_code: '10117', city: 'Berlin', country: 'DE', tax_number: 'DE1' },
  },
} as unknown as Rows['invoice']
const line = (input: Partial<Rows['invoice_line']>) =>
  ({
    kind: 'usage',
    quantity: 1,
    unit_price: '1',
    currency: 'USD',
    ...period,
    ...input,
  }) as Rows['invoice_line']
const lines = [
  line({ kind: 'base', description: 'Base fee', unit_price: '10', amount: 1000 }),
  line({
    description: 'Requests',
    quantity: 5000,
    unit_price: '0.01',
    amount: 5000,
    period_start: '2026-11-12T00:00:00.000Z',
  }),
  line({ kind: 'tax', description: 'VAT 19 %', unit_price: '11.4', amount: 1140 }),
]

test('an invoice on paper says who sells, who buys, for what, with which tax, and what is due when', () => {
  const paper = invoicePaper(invoice, lines)
  expect(paper.seller).toEqual(['Engines Ltd', '12 Marina Road', 'Lagos', 'Nigeria'])
  expect(paper.buyer).toEqual(['Żółć GmbH', '10117 Berlin', 'Germany', 'Tax number DE1'])
  expect(paper.headline).toBe('61.40 USD due 15 December 2026')
  expect(paper.facts).toEqual([
    ['Invoice', 'INV-2026-000042'],
    ['Issued', '1 December 2026'],
    ['Due', '15 December 2026'],
    ['Period', '1 – 30 November 2026'],
  ])
  expect(paper.lines).toEqual([
    { description: 'Base fee', note: '', quantity: '1', unitPrice: '10.00', amount: '10.00' },
    {
      description: 'Requests',
      note: '12 – 30 November 2026',
      quantity: '5,000',
      unitPrice: '0.01',
      amount: '50.00',
    },
  ])
  expect(paper.sums.map(({ label, amount }) => `${label} ${amount}`)).toEqual([
    'Subtotal 60.00 USD',
    'VAT 19 % 11.40 USD',
    'Total 71.40 USD',
    'Paid from credit -10.00 USD',
    'Due 61.40 USD',
  ])
  expect(paper.notes[0]).toBe('Bank 0123')
  expect(paper.notes[1]).toContain('15,000 usage events')
})

test('an invoice whose prices contain the tax says what is net, what is tax, and that the price is the total', () => {
  const inside = { ...invoice, subtotal: 5042, tax: 958, total: 6000, tax_inclusive: true, credit_applied: 0 }
  const vat = line({ kind: 'tax', description: 'VAT 19 %', amount: 958 })
  const paper = invoicePaper(inside as Rows['invoice'], [...lines.slice(0, 2), vat])
  expect(paper.lines.map(({ amount }) => amount)).toEqual(['10.00', '50.00'])
  expect(paper.sums.map(({ label, amount }) => `${label} ${amount}`)).toEqual([
    'Without tax 50.42 USD',
    'VAT 19 % 9.58 USD',
    'Total 60.00 USD',
    'Due 60.00 USD',
  ])
  expect(paper.notes).toContain('The prices above contain the tax.')
})

test('what happens to an invoice afterwards does not change its paper, but for being void', () => {
  const before = invoicePaper(invoice, lines)
  const paid = {
    ...invoice,
    status: 'paid',
    amount_due: 0,
    amount_paid: 6140,
    paid_at: '2026-12-03T00:00:00Z',
  }
  expect(invoicePaper(paid as Rows['invoice'], lines)).toEqual(before)
  expect(invoicePaper({ ...invoice, status: 'overdue', credited: 100, amount_due: 6040 }, lines)).toEqual(
    before,
  )
  expect(invoicePaper({ ...invoice, status: 'void', amount_due: 0 }, lines).stamp).toContain('void')
})

test('a receipt says what was paid, when and through whom; currencies keep their decimals', () => {
  const paper = receiptPaper(
    {
      ...invoice,
      currency: 'JPY',
      status: 'paid',
      amount_paid: 6000,
      paid_at: '2026-12-03T00:00:00Z',
      payment_provider: 'stripe',
      payment_id: 'pay_1',
    },
    lines,
  )
  expect(paper.headline).toBe('6,000 JPY paid 3 December 2026')
  expect(paper.facts.slice(2)).toEqual([
    ['Paid', '3 December 2026'],
    ['Through', 'Stripe'],
    ['Payment', 'pay_1'],
  ])
  expect(paper.sums.at(-2)).toMatchObject({ label: 'Taken back by credit notes', amount: '-140 JPY' })
})

test('a credit note names the invoice, and says what it lowers and what becomes credit', () => {
  const note = {
    number: 'CN-2026-000007',
    created_at: '2026-12-05T00:00:00Z',
    currency: 'USD',
    subtotal: 1000,
    tax: 190,
    total: 1190,
    off_due: 690,
    reason: 'An outage',
  } as Rows['credit_note']
  const paper = creditNotePaper(note, invoice)
  expect(paper.facts).toContainEqual(['For invoice', 'INV-2026-000042'])
  expect(paper.lines).toMatchObject([{ description: 'An outage', amount: '10.00' }])
  expect(paper.notes).toEqual([
    '6.90 USD is taken off what is due of the invoice.',
    '5.00 USD is prepaid credit, which pays the next invoices.',
  ])
})
