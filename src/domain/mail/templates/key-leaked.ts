import { defineTemplate, facts, greeting, link, text } from '../mail-template.ts'

/** After somebody has found a key where everybody can read it; it never holds the key. */
export const keyLeaked = defineTemplate({
  name: 'key_leaked',
  description: 'An API key was found in public',
  sample: {
    name: 'Ada Lovelace',
    organization: 'Analytical Engines',
    key_name: 'production',
    key_prefix: 'ak_3f9a2c81',
    source: 'https://code.example/engines/config.env',
    outcome: 'The key was revoked: it is refused from now on.',
    time: '20 November 2026, 09:00 UTC',
  },
  compose: ({ name, organization, key_name, key_prefix, source, outcome, time }, product) => ({
    subject: `An API key of ${organization} was found in public`,
    blocks: [
      greeting(name),
      text(`Somebody has found a key of ${organization} where others can read it. ${outcome}`),
      facts(['Name', key_name], ['Begins with', key_prefix], ['Found at', source], ['Time', time]),
      text('Make another key for what used it, and take the old one out of where it was found.'),
      link('See the keys', '/portal/keys'),
    ],
    reason: `You get this because you look after ${organization} at ${product}.`,
  }),
})
