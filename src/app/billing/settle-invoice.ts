import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import type { Rows } from '#contract/rows.gen.ts'
import { paidEntry } from '#domain/ledger/invoice-entries.ts'
import type { Call } from '#ports/invoke.ts'
import { type BillingDependencies, minorNumber, ownCall, timeText } from './dependencies.ts'
import { storedAmounts } from './finalize-calls.ts'
import { paymentMismatch } from './invoice-behaviours.ts'

/** Money that has arrived. */
export interface ReceivedPayment {
  /** Of our payment: the same id is the same payment. */
  readonly id: string
  readonly provider: string
  readonly amountMinor: bigint
  readonly currency: string
  readonly paidAtMs: number
}

/** An invoice that is paid, and whether it became so by this very call. */
export interface SettledInvoice {
  readonly invoice: Rows['invoice']
  readonly isNew: boolean
}

/**
 * The only way that an invoice becomes paid. Refuses another amount or currency than is due (`conflict` with the reason `wrong_amount` or
 * `wrong_currency`), an invoice that nobody has to pay, and a second payment of one that is paid (`already_paid`): then the money has to
 * go back. The same payment again is accepted and changes nothing. `also` is written in the same transaction.
 */
export type SettleInvoice = (
  invoiceId: string,
  payment: ReceivedPayment,
  also?: readonly Call[],
) => Promise<Outcome<SettledInvoice>>

/** Joins the record of the invoice, the ledger and bought credit in one transaction. */
export function createSettleInvoice(deps: BillingDependencies): SettleInvoice {
  const { records, ledger, clock } = deps

  function callsFor(invoice: Rows['invoice'], payment: ReceivedPayment): readonly Call[] {
    const { id, provider, amountMinor, currency, paidAtMs } = payment
    const settle = ownCall({
      module: 'invoice',
      action: 'settle',
      id: invoice.id,
      input: {
        payment_id: id,
        payment_provider: provider,
        amount: minorNumber(amountMinor),
        currency,
        paid_at: timeText(paidAtMs),
      },
      async beforeCommit(transaction) {
        await ledger.post(transaction, paidEntry(storedAmounts(invoice), provider, amountMinor), clock.now())
      },
    })
    return invoice.kind === 'credit' ? [settle, boughtCredit(invoice)] : [settle]
  }

  return async (invoiceId, payment, also = []) => {
    const invoice = await records.get('invoice', invoiceId)
    if (invoice === undefined) return refuse('not_found', 'There is no such invoice')
    if (invoice.status === 'paid') return paidBefore(invoice, payment)
    const mismatch = paymentMismatch(invoice, Number(payment.amountMinor), payment.currency)
    if (mismatch !== undefined) return mismatch
    const done = await deps.invokeAll([...callsFor(invoice, payment), ...also])
    const stored = await records.get('invoice', invoiceId)
    if (stored === undefined) return refuse('not_found', 'There is no such invoice')
    // Somebody else was faster, perhaps with this very payment.
    if (!done.ok) return stored.status === 'paid' ? paidBefore(stored, payment) : done
    return accept({ invoice: stored, isNew: true })
  }
}

function paidBefore(invoice: Rows['invoice'], payment: ReceivedPayment): Outcome<SettledInvoice> {
  if (invoice.payment_id === payment.id) return accept({ invoice, isNew: false })
  return refuse('conflict', 'The invoice is paid already', { reason: 'already_paid' })
}

/** What a paid invoice for prepaid credit gives. */
const boughtCredit = (invoice: Rows['invoice']): Call =>
  ownCall({
    module: 'credit_grant',
    action: 'create',
    input: {
      organization_id: invoice.organization_id,
      kind: 'paid',
      origin: `invoice:${invoice.id}`,
      currency: invoice.currency,
      amount: invoice.subtotal - invoice.credited_subtotal,
    },
  })
