import { defineTemplate, greeting, link, quiet, text } from '../mail-template.ts'

/** With the link that sets a new password. */
export const passwordReset = defineTemplate({
  name: 'password_reset',
  description: 'Somebody forgot a password',
  sample: { name: 'Ada Lovelace', token: 'rst_sample', expires: '1 hour' },
  compose: ({ name, expires }, product) => ({
    subject: `Reset your password for ${product}`,
    blocks: [
      greeting(name),
      text('Somebody, hopefully you, asked to set a new password for your account.'),
      link('Set a new password', '/portal/reset-password', 'token'),
      quiet(
        `The link works once, within ${expires}. If you did not ask for it, do nothing: your password stays as it is.`,
      ),
    ],
    reason: `You get this because a new password was asked for at ${product}.`,
  }),
})
