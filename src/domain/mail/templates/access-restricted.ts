import { defineTemplate, facts, link, text } from '../mail-template.ts'

/** When the grace of somebody who has not paid is over. */
export const accessRestricted = defineTemplate({
  name: 'access_restricted',
  description: 'Requests are slowed down or refused until an invoice is paid',
  sample: {
    organization: 'Analytical Engines',
    plan: 'starter',
    effect: 'Requests are refused until everything is paid.',
  },
  compose: ({ organization, plan, effect }, product) => ({
    subject: `Your access to ${product} is restricted`,
    blocks: [
      text(`An invoice of ${organization} is not paid, and the time for it is over.`),
      facts(['Plan', plan], ['What happens now', effect]),
      link('Pay now', '/portal/invoices'),
      text('Everything works as before within a second of the payment.'),
    ],
    reason: `You get this because you look after the invoices of ${organization}.`,
  }),
})
