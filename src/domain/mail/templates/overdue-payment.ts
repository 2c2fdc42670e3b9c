import { defineTemplate, facts, link, text } from '../mail-template.ts'

/** A reminder of an invoice. */
export const overduePayment = defineTemplate({
  name: 'overdue_payment',
  description: 'An invoice is past its due date',
  sample: {
    organization: 'Analytical Engines',
    number: 'INV-2026-000042',
    invoice_id: 'inv_sample',
    amount: '60.00 USD',
    days_overdue: '3',
  },
  compose: ({ organization, number, amount, days_overdue }, product) => ({
    subject: `Invoice ${number} from ${product} is overdue`,
    blocks: [
      text(`An invoice of ${organization} is not paid yet. Perhaps it was only overlooked.`),
      facts(['Invoice', number], ['Amount', amount], ['Days overdue', days_overdue]),
      link('Pay the invoice', '/portal/invoices', 'invoice_id'),
      text('If you have paid in the meantime, there is nothing left to do.'),
    ],
    reason: `You get this because you look after the invoices of ${organization}.`,
  }),
})
