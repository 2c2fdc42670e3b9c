import { defineTemplate, facts, greeting, link, text } from '../mail-template.ts'

/** After a sign-in from a place that was not seen before. */
export const newSignIn = defineTemplate({
  name: 'new_sign_in',
  description: 'A sign-in from a new device or address',
  sample: {
    name: 'Ada Lovelace',
    time: '20 November 2026, 09:00 UTC',
    address: '203.0.113.7',
    device: 'Firefox on Linux',
  },
  compose: ({ name, time, address, device }, product) => ({
    subject: `New sign-in to ${product}`,
    blocks: [
      greeting(name),
      text('Somebody signed in to your account from a place that we have not seen before.'),
      facts(['Time', time], ['Address', address], ['Device', device]),
      text('If this was you, there is nothing to do. If not, end that sign-in and change your password.'),
      link('See your sign-ins', '/portal/security'),
    ],
    reason: `You get this because you have an account at ${product}.`,
  }),
})
