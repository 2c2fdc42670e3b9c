import { majorText } from '@/ui/minor-units.ts'
import { inSentence } from './in-sentence.ts'

/** The English words of the operators' pages. */
export const text = {
  brand: 'APIGate',
  overview: 'Overview',
  traffic: 'Traffic',
  customers: 'Customers',
  commerce: 'Commerce',
  platform: 'Platform',
  everything: 'All modules',
  signInTitle: 'Sign in to APIGate',
  signInLead: 'For operators of this instance.',
  setupTitle: 'Set up APIGate',
  setupLead:
    'The server printed a one-time setup token when it started. Paste it here and make your account.',
  setupToken: 'Setup token',
  setupTokenHint: 'Only who can read the server’s console knows it.',
  setupLink: 'First start? Set up this instance',
  setupDone: 'Your account exists. You are signed in.',
  yourName: 'Your name',
  newPasswordHint: 'At least 8 characters.',
  security: 'Security',
  startHere: 'Send the first call',
  newRecord: (name: string) => `New ${inSentence(name)}`,
  editRecord: (name: string) => `Edit ${inSentence(name)}`,
  noRecords: (plural: string) => `No ${inSentence(plural)} yet`,
  noneFound: 'Nothing matches the filters.',
  clearFilters: 'Clear filters',
  filter: 'Filter',
  addFilter: 'Filter by',
  exportCsv: 'Export CSV',
  created: (name: string) => `${name} created`,
  removed: (name: string) => `${name} deleted`,
  done: (action: string) => `Done: ${action}`,
  deleteTitle: (name: string) => `Delete this ${inSentence(name)}?`,
  deleteHelp: 'This cannot be undone.',
  deleteTitleOf: (name: string) => `Delete this ${inSentence(name)}`,
  deleteWarning: 'It is gone at once, and cannot be brought back.',
  onlyOnce: 'This is shown only now. Copy it and keep it safe.',
  keepSecret: 'Leave empty to keep what is stored',
  unset: 'Not set',
  unlimited: 'unlimited',
  exported: (count: number) => `${count.toLocaleString('en-US')} records are in the file.`,
  exportedFirst: (count: number) =>
    `Only the first ${count.toLocaleString('en-US')} records are in the file: narrow the list by a filter to have the others.`,
  showEmpty: (count: number) => (count === 1 ? 'Show one empty field' : `Show ${count} empty fields`),
  hideEmpty: 'Hide empty fields',
  related: 'What belongs to it',
  jsonWrong: 'This is not valid JSON',
  amountWrong: (currency: string) =>
    `This is not an amount of ${currency}, such as ${majorText(4990, currency)}`,
  numberWrong: 'This is not a whole number',
  choose: 'Choose …',
  findByName: 'Type a part of the name, or an id',
  fileWrong: 'This file cannot be read.',
  download: 'Download',
  size: (bytes: number) =>
    bytes < 1000
      ? `${bytes} bytes`
      : bytes < 1_000_000
        ? `${(bytes / 1000).toFixed(1)} KB`
        : `${(bytes / 1_000_000).toFixed(1)} MB`,
  utc: 'UTC',
  organization: 'Organization',
  everyOrganization: 'Every organization',
  key: 'API key',
  everyKey: 'Every key',
  api: 'API',
  everyApi: 'Every API',
  route: 'Route',
  everyRoute: 'Every route',
} as const
