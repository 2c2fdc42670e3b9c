/** The English words about tables that are downloaded. */
export const text = {
  exports: 'Export',
  lastYear: 'The last year, as CSV',
  tables: {
    invoices: 'Invoices',
    lines: 'Lines of invoices',
    payments: 'Payments',
    refunds: 'Refunds',
    'credit-notes': 'Credit notes',
    ledger: 'Account statement',
    usage: 'Use by day, key and route',
  },
} as const
