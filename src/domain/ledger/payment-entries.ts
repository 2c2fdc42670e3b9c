import * as accounts from './accounts.ts'
import { type LedgerEntry, type LedgerRow, mirrored, transfer } from './entry.ts'

/** Credit that a customer is given without paying for it; `reference` is its grant. */
export const creditGivenEntry = (grant: {
  readonly id: string
  readonly organizationId: string
  readonly currency: string
  readonly amountMinor: bigint
}): LedgerEntry => ({
  key: `${grant.id}:credit_given`,
  kind: 'credit_given',
  currency: grant.currency,
  reference: grant.id,
  rows: transfer(accounts.promotion, accounts.credit(grant.organizationId), grant.amountMinor),
})

/** Credit that nobody used in time. What was paid for is ours now, what was given away is taken back. */
export const creditExpiredEntry = (grant: {
  readonly id: string
  readonly organizationId: string
  readonly currency: string
  readonly remainingMinor: bigint
  readonly wasPaid: boolean
}): LedgerEntry => ({
  key: `${grant.id}:credit_expired`,
  kind: 'credit_expired',
  currency: grant.currency,
  reference: grant.id,
  rows: transfer(
    accounts.credit(grant.organizationId),
    grant.wasPaid ? accounts.revenue : accounts.promotion,
    grant.remainingMinor,
  ),
})

/** Money of a customer that pays no invoice. */
export interface Unapplied {
  readonly paymentId: string
  readonly organizationId: string
  readonly provider: string
  readonly currency: string
  readonly amountMinor: bigint
}

/** Money came that pays nothing: it is at the provider, and the customer's. */
export const unappliedEntry = (money: Unapplied): LedgerEntry => ({
  key: `${money.paymentId}:unapplied`,
  kind: 'unapplied',
  currency: money.currency,
  reference: money.paymentId,
  rows: transfer(
    accounts.provider(money.provider),
    accounts.unapplied(money.organizationId),
    money.amountMinor,
  ),
})

/** It went back, or a part of it; `id` is that of the refund. */
export const unappliedBackEntry = (id: string, money: Unapplied): LedgerEntry => ({
  ...unappliedEntry(money),
  key: `${id}:unapplied_back`,
  kind: 'unapplied_back',
  rows: mirrored(unappliedEntry(money).rows),
})

/** The part of a paid invoice that a refund or a dispute is about. */
export interface TakenBack {
  /** Of the refund or the dispute. */
  readonly id: string
  readonly invoiceId: string
  readonly provider: string
  readonly currency: string
  readonly netMinor: bigint
  readonly taxMinor: bigint
  readonly taxCountry: string
  /** What goes beyond the invoice: a loss. */
  readonly excessMinor: bigint
  /** Whose prepaid credit it was that the invoice had sold. */
  readonly creditOf?: string
  readonly share?: { readonly payeeId: string; readonly feeMinor: bigint }
}

function unearned(back: TakenBack, to: string): readonly LedgerRow[] {
  const { netMinor, taxMinor, taxCountry, excessMinor, creditOf, share } = back
  const feeMinor = share?.feeMinor ?? netMinor
  const rows: LedgerRow[] = [
    ...transfer(creditOf === undefined ? accounts.revenue : accounts.credit(creditOf), to, feeMinor),
    ...transfer(accounts.tax(taxCountry), to, taxMinor),
    ...transfer(accounts.writtenOff, to, excessMinor),
  ]
  if (share !== undefined)
    rows.push(...transfer(accounts.payablePending(share.payeeId), to, netMinor - feeMinor))
  return rows
}

const about = (back: TakenBack, kind: string, rows: readonly LedgerRow[]): LedgerEntry => ({
  key: `${back.id}:${kind}`,
  kind,
  currency: back.currency,
  reference: back.invoiceId,
  rows,
})

/** Money that went back to the customer: the rows of the payment, mirrored. */
export const refundedEntry = (back: TakenBack): LedgerEntry =>
  about(back, 'refunded', unearned(back, accounts.provider(back.provider)))

/** Money that the provider holds back while it is under dispute. */
export const disputeOpenedEntry = (back: TakenBack): LedgerEntry =>
  about(
    back,
    'dispute_opened',
    transfer(
      accounts.disputed(back.provider),
      accounts.provider(back.provider),
      back.netMinor + back.taxMinor + back.excessMinor,
    ),
  )

/** The money of a dispute that was won is back. */
export const disputeWonEntry = (back: TakenBack): LedgerEntry =>
  about(back, 'dispute_won', mirrored(disputeOpenedEntry(back).rows))

/** The money of a dispute that was lost is gone, and with it what it had earned. */
export const disputeLostEntry = (back: TakenBack): LedgerEntry =>
  about(back, 'dispute_lost', unearned(back, accounts.disputed(back.provider)))
