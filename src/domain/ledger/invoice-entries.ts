import * as accounts from './accounts.ts'
import { type LedgerEntry, type LedgerRow, mirrored, transfer } from './entry.ts'

/** The amounts of an invoice that the ledger knows, in minor units. */
export interface InvoiceAmounts {
  readonly invoiceId: string
  readonly organizationId: string
  readonly currency: string
  /** Without tax. */
  readonly netMinor: bigint
  readonly taxMinor: bigint
  /** The country whose tax it is. */
  readonly taxCountry: string
  /** Paid from prepaid credit when it was finalized. */
  readonly creditMinor: bigint
  /** True where the invoice sells prepaid credit: it is a debt to the customer until it is used. */
  readonly sellsCredit: boolean
  /** Who earns it beside us, and what we keep of it. */
  readonly share?: { readonly payeeId: string; readonly feeMinor: bigint }
}

const entry = (amounts: InvoiceAmounts, kind: string, rows: readonly LedgerRow[]): LedgerEntry => ({
  key: `${amounts.invoiceId}:${kind}`,
  kind,
  currency: amounts.currency,
  reference: amounts.invoiceId,
  rows,
})

const charged = ({
  organizationId,
  netMinor,
  taxMinor,
  taxCountry,
}: InvoiceAmounts): readonly LedgerRow[] => [
  ...transfer(accounts.receivable(organizationId), accounts.deferred, netMinor),
  ...transfer(accounts.receivable(organizationId), accounts.tax(taxCountry), taxMinor),
]

/** Finalized: the customer owes net and tax, less what credit pays; nothing is earned yet. */
export const finalizedEntry = (amounts: InvoiceAmounts): LedgerEntry =>
  entry(amounts, 'invoice_finalized', [
    ...charged(amounts),
    ...transfer(
      accounts.credit(amounts.organizationId),
      accounts.receivable(amounts.organizationId),
      amounts.creditMinor,
    ),
  ])

/** What is earned once the invoice is paid: ours, or a creator's less our fee. */
function earned({ organizationId, netMinor, sellsCredit, share }: InvoiceAmounts): readonly LedgerRow[] {
  if (sellsCredit) return transfer(accounts.deferred, accounts.credit(organizationId), netMinor)
  if (share === undefined) return transfer(accounts.deferred, accounts.revenue, netMinor)
  return [
    ...transfer(accounts.deferred, accounts.payablePending(share.payeeId), netMinor - share.feeMinor),
    ...transfer(accounts.deferred, accounts.revenue, share.feeMinor),
  ]
}

/** Paid: what was due is at the provider, and what was deferred is earned. */
export const paidEntry = (amounts: InvoiceAmounts, providerName: string, dueMinor: bigint): LedgerEntry =>
  entry(amounts, 'invoice_paid', [
    ...transfer(accounts.provider(providerName), accounts.receivable(amounts.organizationId), dueMinor),
    ...earned(amounts),
  ])

/** Void: as if it had never been, the credit that it had used included. */
export const voidedEntry = (amounts: InvoiceAmounts): LedgerEntry =>
  entry(amounts, 'invoice_voided', mirrored(finalizedEntry(amounts).rows))

/** Given up: what is due is not owed any more, what was deferred is never earned; the loss is what is left of the two. */
export const uncollectibleEntry = (amounts: InvoiceAmounts, dueMinor: bigint): LedgerEntry =>
  entry(amounts, 'invoice_uncollectible', [
    ...transfer(accounts.writtenOff, accounts.receivable(amounts.organizationId), dueMinor),
    ...transfer(accounts.deferred, accounts.writtenOff, amounts.netMinor),
  ])

/** What a credit note takes back, in minor units. */
export interface CreditNoteAmounts {
  readonly creditNoteId: string
  readonly organizationId: string
  readonly currency: string
  readonly netMinor: bigint
  readonly taxMinor: bigint
  readonly taxCountry: string
  /** The part that lowers what is due; the rest becomes prepaid credit. */
  readonly offDueMinor: bigint
  /** True where the invoice was paid, so that what it earned is taken back. */
  readonly isEarned: boolean
  readonly share?: { readonly payeeId: string; readonly feeMinor: bigint }
}

/** A credit note: net and tax are given back, first off what is due, the rest as prepaid credit. */
export function creditNoteEntry(note: CreditNoteAmounts): LedgerEntry {
  const { organizationId, netMinor, taxMinor, taxCountry, offDueMinor, share } = note
  const owed = accounts.receivable(organizationId)
  const from = note.isEarned ? accounts.revenue : accounts.deferred
  const back: LedgerRow[] = [
    ...transfer(from, owed, netMinor),
    ...transfer(accounts.tax(taxCountry), owed, taxMinor),
  ]
  if (note.isEarned && share !== undefined)
    back.push(...transfer(accounts.payablePending(share.payeeId), from, netMinor - share.feeMinor))
  const rest = netMinor + taxMinor - offDueMinor
  return {
    key: `${note.creditNoteId}:credit_note`,
    kind: 'credit_note',
    currency: note.currency,
    reference: note.creditNoteId,
    rows: [...back, ...transfer(owed, accounts.credit(organizationId), rest)],
  }
}
