import { defineTemplate, facts, link, text } from '../mail-template.ts'

/** When spending has reached a part of its limit. */
export const spendAlert = defineTemplate({
  name: 'spend_alert',
  description: 'Spending of a period has reached a part of its limit',
  sample: {
    organization: 'Analytical Engines',
    percent: '80',
    amount: '80.00 USD',
    limit: '100.00 USD',
    period: 'November 2026',
  },
  compose: ({ organization, percent, amount, limit, period }, product) => ({
    subject: `${organization} has reached ${percent} % of its spend limit`,
    blocks: [
      text(`${organization} has used ${percent} % of what it may spend in ${period}.`),
      facts(['So far', amount], ['Limit', limit]),
      link('See the usage', '/portal/usage'),
    ],
    reason: `You get this because you look after the spending of ${organization} at ${product}.`,
  }),
})
