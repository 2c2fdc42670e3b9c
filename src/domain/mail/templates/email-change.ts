import { defineTemplate, greeting, link, quiet, text } from '../mail-template.ts'

/** To the new address of an account, with the link that makes it so. */
export const emailChange = defineTemplate({
  name: 'email_change',
  description: 'A person wants another address; goes to the new one',
  sample: { name: 'Ada Lovelace', token: 'chg_sample', expires: '24 hours' },
  compose: ({ name, expires }, product) => ({
    subject: `Confirm your new e-mail address for ${product}`,
    blocks: [
      greeting(name),
      text('Please confirm that this is your new address.'),
      link('Use this address', '/portal/confirm-email', 'token'),
      quiet(
        `The link works once, within ${expires}. If you did not ask for it, do nothing: nothing changes.`,
      ),
    ],
    reason: `You get this because somebody wants to use your address at ${product}.`,
  }),
})
