/** The English words about paying invoices and what came of it. */
export const text = {
  pay: 'Pay',
  payAmount: (amount: string) => `Pay ${amount}`,
  payTitle: (number: string) => `Pay ${number}`,
  payLead: (amount: string) =>
    `Choose who takes the payment of ${amount}. You go to their page and come back here.`,
  providers: {
    stripe: 'Card (Stripe)',
    paddle: 'Card or PayPal (Paddle)',
    lemonsqueezy: 'Card or PayPal (Lemon Squeezy)',
    paystack: 'Card or bank transfer (Paystack)',
    dummy: 'Test payment',
  } as Readonly<Record<string, string>>,
  waiting: 'Waiting for the word of the payment provider.',
  waitingHelp: 'As a rule this takes a few seconds. The page follows by itself; you may also leave it.',
  failed: 'The payment did not go through. Nothing was taken.',
  flagged:
    'A payment came that does not fit the invoice, and has to go back. We have been told of it, and will be in touch.',
  paid: 'Paid. Thank you!',
  payments: 'Payments',
  provider: 'Through',
  when: 'When',
  dueSoon: (number: string, amount: string) => `${number} is waiting to be paid: ${amount}, due`,
  overdue: (number: string, amount: string) => `${number} is overdue: ${amount}, due`,
  several: (count: number) => `${count} invoices are waiting to be paid.`,
  severalOverdue: (count: number) => `${count} invoices are overdue.`,
  seeInvoice: 'See the invoice',
  seeInvoices: 'See the invoices',
  notYet:
    'Invoices cannot be paid here yet: nobody takes payments so far. Please ask whoever runs this service.',
  onlyOwners: 'Owners of the organization pay its invoices.',
  statuses: {
    requested: 'begun',
    processing: 'on its way',
    succeeded: 'paid',
    failed: 'failed',
    expired: 'given up',
    flagged: 'goes back',
  } as Readonly<Record<string, string>>,
} as const
