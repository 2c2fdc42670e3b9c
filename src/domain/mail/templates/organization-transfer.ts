import { defineTemplate, facts, greeting, link, text } from '../mail-template.ts'

/** To the former and the new owner of an organization. */
export const organizationTransfer = defineTemplate({
  name: 'organization_transfer',
  description: 'An organization has another owner; goes to both',
  sample: {
    name: 'Ada Lovelace',
    organization: 'Analytical Engines',
    former_owner: 'charles@engines.example',
    new_owner: 'ada@engines.example',
    time: '20 November 2026, 09:00 UTC',
  },
  compose: ({ name, organization, former_owner, new_owner, time }, product) => ({
    subject: `${organization} has a new owner`,
    blocks: [
      greeting(name),
      text(`The ownership of ${organization} was handed over.`),
      facts(['Former owner', former_owner], ['New owner', new_owner], ['Time', time]),
      text('If you did not agree to this, write to us at once.'),
      link('See the organization', '/portal/organization'),
    ],
    reason: `You get this because you are or were an owner of ${organization} at ${product}.`,
  }),
})
