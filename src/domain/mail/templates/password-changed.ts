import { defineTemplate, greeting, link, text } from '../mail-template.ts'

/** After a password was set or changed. */
export const passwordChanged = defineTemplate({
  name: 'password_changed',
  description: 'A password was changed',
  sample: { name: 'Ada Lovelace' },
  compose: ({ name }, product) => ({
    subject: `Your password at ${product} was changed`,
    blocks: [
      greeting(name),
      text('Your password was changed, and you were signed out everywhere else.'),
      text('If this was not you, set a new password now.'),
      link('Set a new password', '/portal/forgot-password'),
    ],
    reason: `You get this because your account at ${product} was changed.`,
  }),
})
