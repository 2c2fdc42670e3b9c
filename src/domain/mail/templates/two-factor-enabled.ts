import { defineTemplate, greeting, link, text } from '../mail-template.ts'

/** After an account has begun to ask for a second factor. */
export const twoFactorEnabled = defineTemplate({
  name: 'two_factor_enabled',
  description: 'Two-factor sign-in was turned on',
  sample: { name: 'Ada Lovelace' },
  compose: ({ name }, product) => ({
    subject: `Two-factor sign-in is on for your account at ${product}`,
    blocks: [
      greeting(name),
      text('Signing in asks for a code from your authenticator app from now on.'),
      text('Keep the recovery codes safe: each opens your account once, when your phone is away.'),
      text(
        'You were signed out everywhere else. If this was not you, somebody knows your password: set a new one, and ask us to take the second factor away.',
      ),
      link('Set a new password', '/portal/forgot-password'),
    ],
    reason: `You get this because your account at ${product} was changed.`,
  }),
})
