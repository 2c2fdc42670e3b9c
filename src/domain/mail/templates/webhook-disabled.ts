import { defineTemplate, facts, link, text } from '../mail-template.ts'

/** When an endpoint has failed for so long that nothing more is sent to it. */
export const webhookDisabled = defineTemplate({
  name: 'webhook_disabled',
  description: 'A webhook endpoint has failed for long and was disabled',
  sample: {
    organization: 'Analytical Engines',
    endpoint: 'https://hooks.example.com',
    error: 'The receiver answered 500',
  },
  compose: ({ organization, endpoint, error }, product) => ({
    subject: `A webhook endpoint of ${organization} was disabled`,
    blocks: [
      text('It took nothing for so long that nothing more is sent to it. Its events are kept for a while.'),
      facts(['Endpoint', endpoint], ['Last attempt', error]),
      text('Activate it when it works again: what has waited is sent first.'),
      link('See the endpoint', '/portal/webhooks'),
    ],
    reason: `You get this because you look after ${organization} at ${product}.`,
  }),
})
