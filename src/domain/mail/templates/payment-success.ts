import { defineTemplate, facts, link, text } from '../mail-template.ts'

/** With the receipt of a payment. */
export const paymentSuccess = defineTemplate({
  name: 'payment_success',
  description: 'A payment arrived',
  sample: {
    organization: 'Analytical Engines',
    number: 'INV-2026-000042',
    invoice_id: 'inv_sample',
    amount: '60.00 USD',
  },
  compose: ({ organization, number, amount }, product) => ({
    subject: `Receipt from ${product}: ${amount}`,
    blocks: [
      text(`Thank you. The payment of ${organization} has arrived.`),
      facts(['Amount', amount], ['Invoice', number]),
      link('See the receipt', '/portal/invoices', 'invoice_id'),
    ],
    reason: `You get this because you look after the invoices of ${organization}.`,
  }),
})
