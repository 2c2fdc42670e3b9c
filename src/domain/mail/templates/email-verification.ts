import { defineTemplate, greeting, link, quiet, text } from '../mail-template.ts'

/** With the link that proves an address. */
export const emailVerification = defineTemplate({
  name: 'email_verification',
  description: 'An address is to be verified, at registration or on request',
  sample: { name: 'Ada Lovelace', token: 'vfy_sample', expires: '24 hours' },
  compose: ({ name, expires }, product) => ({
    subject: `Verify your e-mail address for ${product}`,
    blocks: [
      greeting(name),
      text('Please confirm that this is your address.'),
      link('Verify my address', '/portal/verify-email', 'token'),
      quiet(`The link works once, within ${expires}. If you have no account here, do nothing.`),
    ],
    reason: `You get this because somebody gave your address to ${product}.`,
  }),
})
