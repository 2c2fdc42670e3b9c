import { defineTemplate, facts, greeting, link, text } from '../mail-template.ts'

/** After a key was revoked; it never holds the key. */
export const keyRevoked = defineTemplate({
  name: 'key_revoked',
  description: 'An API key was revoked',
  sample: {
    name: 'Ada Lovelace',
    organization: 'Analytical Engines',
    key_name: 'production',
    key_prefix: 'ak_3f9a2c81',
    time: '20 November 2026, 09:00 UTC',
  },
  compose: ({ name, organization, key_name, key_prefix, time }, product) => ({
    subject: `An API key of ${organization} was revoked`,
    blocks: [
      greeting(name),
      text(`This key of ${organization} is refused from now on.`),
      facts(['Name', key_name], ['Begins with', key_prefix], ['Time', time]),
      link('See the keys', '/portal/keys'),
    ],
    reason: `You get this because you belong to ${organization} at ${product}.`,
  }),
})
