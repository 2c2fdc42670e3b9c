import { defineTemplate, facts, greeting, link, text } from '../mail-template.ts'

/** After another way to sign in was added to an account. */
export const signInLinked = defineTemplate({
  name: 'sign_in_linked',
  description: 'An account at a sign-in provider was linked: it signs in from now on',
  sample: {
    name: 'Ada Lovelace',
    provider: 'github',
    address: 'ada@engines.example',
    time: '2026-11-20 12:00',
  },
  compose: ({ name, provider, address, time }, product) => ({
    subject: `Another way to sign in was added to your account at ${product}`,
    blocks: [
      greeting(name),
      text('From now on this account elsewhere signs you in, too.'),
      facts(['Provider', provider], ['Address there', address], ['Time', time]),
      text('If this was not you, take it away, end all sessions and set a new password now.'),
      link('See how you sign in', '/portal/security'),
    ],
    reason: `You get this because your account at ${product} was changed.`,
  }),
})
