/** The English words about working an invoice out again. */
export const text = {
  verify: 'Work it out again',
  verifyHelp:
    'The server counts every event again, rates it by the price that held, and compares the result with the invoice.',
  verifyNow: 'Verify',
  notYet: 'Nothing is changed by it. With many events it takes some seconds.',
  comesOut: 'It comes out the same, to the smallest unit.',
  doesNot: 'It does not come out the same. Please tell us: invoices are never wrong on purpose.',
  right: 'right',
  wrong: 'wrong',
  instead: (stored: string, recomputed: string) =>
    `The invoice says ${stored}, and it comes to ${recomputed}.`,
  checks: {
    'subtotal is the sum of the lines': 'The subtotal is the sum of the lines.',
    'tax is the sum of its lines': 'The tax is the sum of its lines.',
    total: 'The total is subtotal and tax.',
    events: 'As many events are stored as it counts.',
    units: 'Their units add up to what is billed.',
    'event set hash': 'The list of events has the digest that stands on the invoice.',
    lines: 'Each line comes out of the events and the price again.',
    'the period with its late usage': 'With what came late, the period was billed once, and in full.',
    'what the ledger says is owed': 'The books say the same.',
  } as Readonly<Record<string, string>>,
} as const
