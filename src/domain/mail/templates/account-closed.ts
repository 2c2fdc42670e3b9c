import { defineTemplate, greeting, link, text } from '../mail-template.ts'

/** After somebody has closed an account; the last mail that it gets. */
export const accountClosed = defineTemplate({
  name: 'account_closed',
  description: 'An account was closed',
  sample: { name: 'Ada Lovelace', email: 'ada@engines.example' },
  compose: ({ name, email }, product) => ({
    subject: `Your account at ${product} is closed`,
    blocks: [
      greeting(name),
      text(`The account of ${email} is closed. Its keys are refused and it signs in nowhere.`),
      text('Organizations that nobody else belonged to are closed with it. Their invoices are kept.'),
      text('If this was not you, write to us at once.'),
      link(`Go to ${product}`, '/'),
    ],
    reason: `You get this because you had an account at ${product}.`,
  }),
})
