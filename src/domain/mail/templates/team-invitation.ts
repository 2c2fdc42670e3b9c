import { defineTemplate, facts, greeting, link, quiet, text } from '../mail-template.ts'

/** To a person whom an organization wants as a member. */
export const teamInvitation = defineTemplate({
  name: 'team_invitation',
  description: 'Somebody was invited into an organization',
  sample: {
    inviter: 'Charles Babbage',
    organization: 'Analytical Engines',
    role: 'member',
    token: 'inv_sample',
    expires: '7 days',
  },
  compose: ({ inviter, organization, role, expires }, product) => ({
    subject: `${inviter} invites you to ${organization}`,
    blocks: [
      greeting(''),
      text(`${inviter} invites you to work with ${organization} at ${product}.`),
      facts(['Organization', organization], ['Your role', role]),
      link('See the invitation', '/portal/invitation', 'token'),
      quiet(`The invitation is open for ${expires}. If you do not know who sent it, do nothing.`),
    ],
    reason: `You get this because ${inviter} gave your address to ${product}.`,
  }),
})
