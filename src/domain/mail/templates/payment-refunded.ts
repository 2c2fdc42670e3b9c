import { defineTemplate, facts, link, text } from '../mail-template.ts'

/** With the receipt of money that has gone back. */
export const paymentRefunded = defineTemplate({
  name: 'payment_refunded',
  description: 'A payment or a part of it was given back',
  sample: {
    organization: 'Analytical Engines',
    number: 'INV-2026-000042',
    invoice_id: 'inv_sample',
    amount: '60.00 USD',
    reason: 'An outage',
  },
  compose: ({ organization, number, amount, reason }, product) => ({
    subject: `Refund from ${product}: ${amount}`,
    blocks: [
      text(`We have given money back to ${organization}. It can take some days until your bank shows it.`),
      facts(['Amount', amount], ['Invoice', number], ['Reason', reason]),
      link('See the invoice', '/portal/invoices', 'invoice_id'),
    ],
    reason: `You get this because you look after the invoices of ${organization}.`,
  }),
})
