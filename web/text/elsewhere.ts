/** The English words about signing in with an account elsewhere. */
export const text = {
  or: 'or',
  continueWith: (provider: string) => `Continue with ${provider}`,
  linked: 'Linked accounts',
  linkedHelp: 'Accounts elsewhere that open this one.',
  none: 'No account is linked.',
  provider: 'With',
  since: 'Linked',
  unlink: 'Take away',
  unlinkTitle: (provider: string) => `Take ${provider} away?`,
  unlinkHelp: 'It does not open this account any more. You can link it again.',
  link: (provider: string) => `Link ${provider}`,
  linkHelp: 'You go to the provider and come back here. If you have no password yet, leave it empty.',
} as const
