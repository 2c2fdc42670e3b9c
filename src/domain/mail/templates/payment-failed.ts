import { defineTemplate, facts, link, text } from '../mail-template.ts'

/** When a card that is kept was declined. */
export const paymentFailed = defineTemplate({
  name: 'payment_failed',
  description: 'A saved payment method was declined',
  sample: {
    organization: 'Analytical Engines',
    number: 'INV-2026-000042',
    invoice_id: 'inv_sample',
    amount: '60.00 USD',
    method: 'visa 4242',
    next: 'We try again on 4 December 2026.',
  },
  compose: ({ organization, number, amount, method, next }, product) => ({
    subject: `A payment to ${product} has failed: ${amount}`,
    blocks: [
      text(`The payment method of ${organization} was declined by its bank.`),
      facts(['Invoice', number], ['Amount', amount], ['Payment method', method]),
      text(next),
      link('Pay now', '/portal/invoices', 'invoice_id'),
    ],
    reason: `You get this because you look after the invoices of ${organization}.`,
  }),
})
