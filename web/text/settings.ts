/** The English words of the settings page, and of configuring a provider. */
export const text = {
  title: 'Settings',
  lead: 'What can change while the product runs. A change holds at once, on every node.',
  find: 'Find a setting',
  noneFound: 'No setting is like that.',
  isDefault: 'default',
  changed: 'changed',
  standard: (value: string) => `Default: ${value === '' ? 'nothing' : value}`,
  save: 'Save',
  reset: 'Back to the default',
  wasReset: (key: string) => `${key} is the default again.`,
  saved: (key: string) => `${key} is saved.`,
  secretSet: 'A secret is stored. It is never shown.',
  replace: 'Type a new one to replace it',
  removeTitle: (key: string) => `Take ${key} away?`,
  removeHelp: 'The secret is forgotten. This cannot be undone.',
  remove: 'Take away',
  add: 'Another setting',
  addLead: 'For settings of modules of your own. Those of providers are on their page.',
  key: 'Key',
  value: 'Value',
  isSecret: 'It is a secret: kept encrypted, never shown again',
  on: 'on',
  off: 'off',
  readOnly: 'Only a superadmin changes settings.',
  configure: 'Configure',
  configureTitle: (provider: string) => `Configure ${provider}`,
  configureHelp: 'What stays empty is as before, or comes from the environment.',
  configured: (provider: string) => `${provider} is configured.`,
} as const

/** The groups of settings, in their order. */
export const groups: Readonly<Record<string, { readonly title: string; readonly lead: string }>> = {
  brand: {
    title: 'Brand and addresses',
    lead: 'How the product looks to customers, and where they find it.',
  },
  'sign-in': {
    title: 'Accounts and sign-in',
    lead: 'Who may open an account, and how long a sign-in lasts.',
  },
  keys: { title: 'API keys', lead: 'What keys look like and how they are kept.' },
  billing: { title: 'Billing', lead: 'Who sells, and how invoices are made.' },
  gateway: { title: 'Gateway', lead: 'What requests may be like.' },
  webhooks: { title: 'Webhooks', lead: 'How events are delivered.' },
  events: { title: 'Events', lead: 'How long they are kept.' },
  other: { title: 'Everything else', lead: 'Set for providers, or for modules of your own.' },
}
