import { defineTemplate, greeting, link, text } from '../mail-template.ts'

/** After an account has stopped asking for a second factor. */
export const twoFactorDisabled = defineTemplate({
  name: 'two_factor_disabled',
  description: 'Two-factor sign-in was turned off',
  sample: { name: 'Ada Lovelace' },
  compose: ({ name }, product) => ({
    subject: `Two-factor sign-in is off for your account at ${product}`,
    blocks: [
      greeting(name),
      text('Your password alone opens your account from now on. You were signed out everywhere else.'),
      text('If this was not you, set a new password now, then turn two-factor sign-in on again.'),
      link('Set a new password', '/portal/forgot-password'),
    ],
    reason: `You get this because your account at ${product} was changed.`,
  }),
})
