import { defineTemplate, greeting, link, text } from '../mail-template.ts'

/** To a person who has opened an account. */
export const welcome = defineTemplate({
  name: 'welcome',
  description: 'Somebody has opened an account',
  sample: { name: 'Ada Lovelace', organization: 'Analytical Engines' },
  compose: ({ name, organization }, product) => ({
    subject: `Welcome to ${product}`,
    blocks: [
      greeting(name),
      text(
        organization === ''
          ? 'Your account is open.'
          : `Your account is open, and ${organization} can begin to call the API.`,
      ),
      text('In the portal you make your first key, see what you use, and choose a plan.'),
      link('Open the portal', '/portal'),
    ],
    reason: `You get this because an account at ${product} was opened with your address.`,
  }),
})
