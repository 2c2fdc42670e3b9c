import { defineTemplate, facts, greeting, link, text } from '../mail-template.ts'

/** After a key was made; it never holds the key. */
export const keyCreated = defineTemplate({
  name: 'key_created',
  description: 'An API key was made',
  sample: {
    name: 'Ada Lovelace',
    organization: 'Analytical Engines',
    key_name: 'production',
    key_prefix: 'ak_3f9a2c81',
    created_by: 'charles@engines.example',
    time: '20 November 2026, 09:00 UTC',
  },
  compose: ({ name, organization, key_name, key_prefix, created_by, time }, product) => ({
    subject: `A new API key for ${organization}`,
    blocks: [
      greeting(name),
      text(`A new key can call the API in the name of ${organization}.`),
      facts(['Name', key_name], ['Begins with', key_prefix], ['Made by', created_by], ['Time', time]),
      text('If nobody of you made it, revoke it now.'),
      link('See the keys', '/portal/keys'),
    ],
    reason: `You get this because you belong to ${organization} at ${product}.`,
  }),
})
