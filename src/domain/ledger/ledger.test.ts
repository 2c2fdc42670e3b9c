import fc from 'fast-check'
import { expect, test } from 'vitest'
import { balanced, type LedgerEntry, transfer } from './entry.ts'
import {
  creditNoteEntry,
  finalizedEntry,
  type InvoiceAmounts,
  paidEntry,
  uncollectibleEntry,
  voidedEntry,
} from './invoice-entries.ts'
import {
  creditExpiredEntry,
  creditGivenEntry,
  disputeLostEntry,
  disputeOpenedEntry,
  disputeWonEntry,
  refundedEntry,
} from './payment-entries.ts'

const hundred: InvoiceAmounts = {
  invoiceId: 'inv_1',
  organizationId: 'org_1',
  currency: 'USD',
  netMinor: 10_000n,
  taxMinor: 0n,
  taxCountry: '',
  creditMinor: 0n,
  sellsCredit: false,
}
const shared: InvoiceAmounts = { ...hundred, share: { payeeId: 'org_x', feeMinor: 2000n } }
const taken = {
  id: 'ref_1',
  invoiceId: 'inv_1',
  provider: 'stripe',
  currency: 'USD',
  netMinor: 10_000n,
  taxMinor: 0n,
  excessMinor: 0n,
  taxCountry: '',
  share: { payeeId: 'org_x', feeMinor: 2000n },
}

function after(...entries: readonly LedgerEntry[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const { rows } of entries.map(balanced))
    for (const { account, amountMinor } of rows) sums[account] = (sums[account] ?? 0) + Number(amountMinor)
  return Object.fromEntries(Object.entries(sums).filter(([, amount]) => amount !== 0))
}

test('an invoice of $100 of a creator with a fee of 20 % is owed first, and 80 and 20 once it is paid', () => {
  expect(after(finalizedEntry(shared))).toEqual({ 'receivable:org_1': 10_000, deferred: -10_000 })
  expect(after(finalizedEntry(shared), paidEntry(shared, 'stripe', 10_000n))).toEqual({
    'provider:stripe': 10_000,
    'payable:org_x:pending': -8000,
    revenue: -2000,
  })
})

test('a refund and a lost dispute undo what the payment did; a dispute that is won leaves it', () => {
  const paid = [finalizedEntry(shared), paidEntry(shared, 'stripe', 10_000n)]
  expect(after(...paid, refundedEntry(taken))).toEqual({})
  expect(after(...paid, disputeOpenedEntry(taken), disputeLostEntry(taken))).toEqual({})
  expect(after(...paid, disputeOpenedEntry(taken), disputeWonEntry(taken))).toEqual(after(...paid))
})

test('an invoice that is void has never been, and the credit that it had used is there again', () => {
  const invoice = { ...hundred, taxMinor: 750n, taxCountry: 'DE', creditMinor: 3000n }
  expect(after(finalizedEntry(invoice), voidedEntry(invoice))).toEqual({})
})

test('an invoice that is given up is owed and deferred no more: the tax of it is the loss', () => {
  const invoice = { ...hundred, taxMinor: 750n, taxCountry: 'DE' }
  expect(after(finalizedEntry(invoice), uncollectibleEntry(invoice, 10_750n))).toEqual({
    'tax:DE': -750,
    written_off: 750,
  })
})

test('bought credit is a debt until it is used', () => {
  const sold = { ...hundred, sellsCredit: true }
  const bought = [finalizedEntry(sold), paidEntry(sold, 'stripe', 10_000n)]
  expect(after(...bought)).toEqual({ 'provider:stripe': 10_000, 'credit:org_1': -10_000 })
  const use = { ...hundred, invoiceId: 'inv_2', creditMinor: 10_000n }
  expect(after(...bought, finalizedEntry(use), paidEntry(use, 'credit', 0n))).toEqual({
    'provider:stripe': 10_000,
    revenue: -10_000,
  })
})

test('rows that do not sum to zero, and accounts without a proper name, are refused', () => {
  const entry = { key: 'k', kind: 'k', currency: 'USD', reference: 'r' }
  expect(() => balanced({ ...entry, rows: [{ account: 'revenue', amountMinor: 1n }] })).toThrow(
    /out of balance by 1/,
  )
  expect(() => balanced({ ...entry, rows: transfer('Revenue', 'deferred', 1n) })).toThrow(/no ledger account/)
})

test('every entry balances, whatever the amounts', () => {
  const amount = fc.bigInt(0n, 10n ** 12n)
  fc.assert(
    fc.property(
      fc.record({ net: amount, tax: amount, credit: amount, due: amount, off: amount, fee: amount }),
      fc.boolean(),
      fc.boolean(),
      ({ net, tax, credit, due, off, fee }, isShared, flag) => {
        const share = isShared ? { share: { payeeId: 'org_x', feeMinor: fee } } : {}
        const invoice = {
          ...hundred,
          netMinor: net,
          taxMinor: tax,
          creditMinor: credit,
          sellsCredit: flag,
          ...share,
        }
        const back = { ...taken, netMinor: net, taxMinor: tax, excessMinor: off, ...share }
        const grant = { id: 'cgr_1', organizationId: 'org_1', currency: 'USD' }
        const note = {
          creditNoteId: 'crn_1',
          organizationId: 'org_1',
          currency: 'USD',
          taxCountry: 'DE',
          ...share,
        }
        const entries = [
          finalizedEntry(invoice),
          paidEntry(invoice, 'stripe', due),
          voidedEntry(invoice),
          uncollectibleEntry(invoice, due),
          creditNoteEntry({ ...note, netMinor: net, taxMinor: tax, offDueMinor: off, isEarned: flag }),
          creditGivenEntry({ ...grant, amountMinor: net }),
          creditExpiredEntry({ ...grant, remainingMinor: net, wasPaid: flag }),
          refundedEntry(back),
          disputeOpenedEntry(back),
          disputeWonEntry(back),
          disputeLostEntry(back),
        ]
        for (const entry of entries)
          expect(balanced(entry).rows.reduce((sum, row) => sum + row.amountMinor, 0n)).toBe(0n)
      },
    ),
  )
})
