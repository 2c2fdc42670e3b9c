import { defineTemplate, facts, link, text } from '../mail-template.ts'

/** When the use that an alert looks at has reached a part of its amount. */
export const usageAlert = defineTemplate({
  name: 'budget_alert',
  description: 'The use of an organization, a key or a route has reached a part of the amount of an alert',
  sample: {
    organization: 'Analytical Engines',
    subject: 'The key production',
    percent: '80',
    used: '8,000 units',
    amount: '10,000 units',
    period: '2026-11',
  },
  compose: ({ organization, subject, percent, used, amount, period }, product) => ({
    subject: `${subject} has reached ${percent} % of an alert`,
    blocks: [
      text(`${subject} of ${organization} has used ${percent} % of what an alert is set to in ${period}.`),
      facts(['So far', used], ['Alert', amount]),
      link('See the alerts', '/portal/alerts'),
    ],
    reason: `You get this because you look after the use of ${organization} at ${product}.`,
  }),
})
