/** The English words about credit that is paid in advance. */
export const text = {
  credit: 'Credit',
  creditLead: 'What you have paid in advance, and what of it is used.',
  available: 'Available',
  availableNote: 'Calls are served as far as it goes.',
  usedUp: 'Used up: calls that cost something are refused.',
  balance: 'Balance',
  balanceNote: 'It pays your next invoices.',
  used: 'Used so far',
  usedNote: 'Of periods that are not invoiced yet, with their fees.',
  buy: 'Buy credit',
  buyLead: 'It is there as soon as its invoice is paid.',
  buyNow: 'Buy',
  amount: 'Amount',
  onlyOwners: 'Owners of the organization buy credit.',
} as const
