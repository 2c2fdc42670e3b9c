import { defineTemplate, facts, greeting, link, text } from '../mail-template.ts'

/** To the former address of an account. */
export const emailChanged = defineTemplate({
  name: 'email_changed',
  description: 'The address of an account is another one now; goes to the former one',
  sample: { name: 'Ada Lovelace', new_email: 'ada@engines.example' },
  compose: ({ name, new_email }, product) => ({
    subject: `Your e-mail address at ${product} was changed`,
    blocks: [
      greeting(name),
      text('Your account signs in with another address from now on.'),
      facts(['New address', new_email]),
      text('If this was not you, write to us at once: your account may be in other hands.'),
      link('Open the portal', '/portal'),
    ],
    reason: `You get this because this was the address of your account at ${product}.`,
  }),
})
