import { accept, type Outcome, refuse, refuseFields } from '#contract/outcome.ts'
import type { Rows } from '#contract/rows.gen.ts'
import { creditParts, leftOfLines } from '#domain/billing/credit-parts.ts'
import { payableStatuses } from '#domain/billing/invoice-status.ts'
import { creditNoteEntry, paidEntry } from '#domain/ledger/invoice-entries.ts'
import type { Call } from '#ports/invoke.ts'
import { type BillingDependencies, minorNumber, ownCall } from './dependencies.ts'
import { shareBack, storedAmounts } from './finalize-calls.ts'

/** What is taken back of the lines of an invoice; where they do not contain its tax, that follows in proportion. */
export interface CreditNoteOrder {
  readonly invoiceId: string
  /** The same origin is the same credit note. */
  readonly origin: string
  readonly amountMinor: bigint
  readonly reason: string
}

/** Takes a part of an invoice back: off what is due, and the rest as prepaid credit. */
export type IssueCreditNote = (order: CreditNoteOrder) => Promise<Outcome<Rows['credit_note']>>

const mostTries = 3

/** Credit notes are the only correction of an invoice that has its number. */
export function createIssueCreditNote(deps: BillingDependencies): IssueCreditNote {
  const { records } = deps
  return async (order) => {
    for (let tries = 1; ; tries += 1) {
      const invoice = await records.get('invoice', order.invoiceId)
      const known = await records.getBy('credit_note', 'origin', order.origin)
      if (known !== undefined) return sameNote(known, order, invoice)
      if (invoice === undefined) return refuse('not_found', 'There is no such invoice')
      if (order.amountMinor <= 0n) return refuseFields([{ field: 'amount', reason: 'must be more than 0' }])
      const left = leftOfLines(invoice)
      if (order.amountMinor > left)
        return refuse('conflict', 'Credit notes cannot take back more than the invoice', {
          field: 'amount',
          left: minorNumber(left),
        })
      const done = await deps.invokeAll(creditNoteCalls(deps, invoice, order))
      if (!done.ok && (done.code !== 'conflict' || tries === mostTries)) return done
    }
  }
}

/** The same origin for something else is a mistake to be told of, not a second way to what was done before. */
function sameNote(
  known: Rows['credit_note'],
  order: CreditNoteOrder,
  invoice: Rows['invoice'] | undefined,
): Outcome<Rows['credit_note']> {
  const amount = invoice?.tax_inclusive === true ? known.total : known.subtotal
  const isSame = known.invoice_id === order.invoiceId && BigInt(amount) === order.amountMinor
  return isSame ? accept(known) : refuse('idempotency_mismatch', 'This key was used for another credit note')
}

/** The writes of a credit note, to be done in one transaction. */
export function creditNoteCalls(
  { ledger, clock }: Pick<BillingDependencies, 'ledger' | 'clock'>,
  invoice: Rows['invoice'],
  { origin, amountMinor, reason }: Omit<CreditNoteOrder, 'invoiceId'>,
): readonly Call[] {
  const { netMinor, taxMinor } = creditParts(invoice, amountMinor)
  const totalMinor = netMinor + taxMinor
  const isPayable = payableStatuses.includes(invoice.status)
  const dueMinor = BigInt(isPayable ? invoice.amount_due : 0)
  const offDueMinor = dueMinor < totalMinor ? dueMinor : totalMinor
  const { organization_id, currency } = invoice
  const create = ownCall({
    module: 'credit_note',
    action: 'create',
    input: {
      organization_id,
      invoice_id: invoice.id,
      origin,
      reason,
      currency,
      subtotal: minorNumber(netMinor),
      tax: minorNumber(taxMinor),
      total: minorNumber(totalMinor),
      off_due: minorNumber(offDueMinor),
    },
    async beforeCommit(transaction, { row }) {
      const entry = creditNoteEntry({
        creditNoteId: row.id,
        organizationId: organization_id,
        currency,
        netMinor,
        taxMinor,
        taxCountry: invoice.tax_country ?? '',
        offDueMinor,
        isEarned: !isPayable,
        ...shareBack(invoice, netMinor),
      })
      await ledger.post(transaction, entry, clock.now())
    },
  })
  const take = ownCall({
    module: 'invoice',
    action: 'take_credit',
    id: invoice.id,
    input: {
      amount: minorNumber(totalMinor),
      net: minorNumber(netMinor),
      off_due: minorNumber(offDueMinor),
      seen: invoice.credited,
    },
    async beforeCommit(transaction, { row }) {
      if (!isPayable || row['status'] !== 'paid') return
      // Nothing is due any more: what was not taken back is earned, as it was paid from credit.
      const credited_subtotal = invoice.credited_subtotal + minorNumber(netMinor)
      const left = storedAmounts({ ...invoice, credited_subtotal })
      await ledger.post(transaction, paidEntry(left, 'credit', 0n), clock.now())
    },
  })
  const rest = totalMinor - offDueMinor
  return rest === 0n ? [create, take] : [create, take, restAsCredit(invoice, origin, rest)]
}

const restAsCredit = (invoice: Rows['invoice'], origin: string, restMinor: bigint): Call =>
  ownCall({
    module: 'credit_grant',
    action: 'create',
    input: {
      organization_id: invoice.organization_id,
      kind: 'credit_note',
      origin: `credit_note:${origin}`,
      currency: invoice.currency,
      amount: minorNumber(restMinor),
      priority: 0,
    },
  })
