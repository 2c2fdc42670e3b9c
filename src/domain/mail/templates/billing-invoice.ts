import { defineTemplate, facts, link, text } from '../mail-template.ts'

/** With the invoice of a period. */
export const billingInvoice = defineTemplate({
  name: 'billing_invoice',
  description: 'The invoice of a period is there',
  sample: {
    organization: 'Analytical Engines',
    number: 'INV-2026-000042',
    invoice_id: 'inv_sample',
    period: 'October 2026',
    requests: '15,000',
    amount: '60.00 USD',
    due_date: '15 November 2026',
  },
  compose: ({ organization, number, period, requests, amount, due_date }, product) => ({
    subject: `Invoice ${number} from ${product}: ${amount}`,
    blocks: [
      text(`Here is the invoice of ${organization} for ${period}.`),
      facts(
        ['Invoice', number],
        ['Period', period],
        ['Requests', requests],
        ['Amount', amount],
        ['Due', due_date],
      ),
      link('See the invoice', '/portal/invoices', 'invoice_id'),
    ],
    reason: `You get this because you look after the invoices of ${organization}.`,
  }),
})
