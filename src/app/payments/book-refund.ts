import { type Outcome, refuse } from '#contract/outcome.ts'
import type { Rows } from '#contract/rows.gen.ts'
import type { LedgerEntry } from '#domain/ledger/entry.ts'
import {
  refundedEntry,
  type TakenBack,
  type Unapplied,
  unappliedBackEntry,
} from '#domain/ledger/payment-entries.ts'
import { type RefundParts, refundParts } from '#domain/payments/refundable.ts'
import type { Call } from '#ports/invoke.ts'
import type { Ledger } from '#ports/ledger.ts'
import type { Transaction } from '#ports/transaction.ts'
import { minorNumber, ownCall } from '../billing/dependencies.ts'
import { shareBack } from '../billing/finalize-calls.ts'
import type { PaymentDependencies } from './dependencies.ts'

/** Money that has gone back, with the invoice that it had paid. */
export interface MoneyBack {
  readonly payment: Rows['payment']
  /** In the payment's currency. */
  readonly amountMinor: bigint
  /** In the invoice's currency; 0 where the payment paid none. */
  readonly invoiceMinor: bigint
  /** The same origin is the same credit note. */
  readonly origin: string
  readonly reason: string
}

/** Makes the entry of money that has gone back; a refund unless a dispute says so. */
export type EntryOf = (back: TakenBack) => Parameters<Ledger['post']>[1]

const mostTries = 5

/** Does these writes in one transaction; where something else of the invoice was taken back meanwhile, what they are is read anew. */
export async function bookBack(
  { invokeAll }: Pick<PaymentDependencies, 'invokeAll'>,
  calls: () => Promise<readonly Call[]>,
): Promise<Outcome<unknown>> {
  for (let tries = 1; ; tries += 1) {
    const done = await invokeAll(await calls())
    if (done.ok || done.code !== 'conflict') return done
    if (tries === mostTries) return refuse('service_unavailable', done.message)
  }
}

/**
 * The writes of money that has gone back, for one transaction: `write` makes the call on the refund or dispute itself, which posts to the
 * ledger; a credit note and the invoice follow. Of prepaid credit that was sold, what is left of it goes.
 */
export async function moneyBackCalls(
  { records, ledger, clock }: Pick<PaymentDependencies, 'records' | 'ledger' | 'clock'>,
  { payment, amountMinor, invoiceMinor, origin, reason }: MoneyBack,
  write: (beforeCommit?: Call['beforeCommit']) => Call,
  entryOf: EntryOf = refundedEntry,
): Promise<readonly Call[]> {
  const postNow = async (...posting: [transaction: Transaction, entry: LedgerEntry]): Promise<void> => {
    await ledger.post(...posting, clock.now())
  }
  if (payment.status === 'flagged') {
    // What came before such money was booked has nothing to be mirrored.
    const isBooked = (await ledger.entriesOf(payment.id)).some(({ kind }) => kind === 'unapplied')
    const money = unappliedOf(payment, amountMinor)
    return isBooked
      ? [write((transaction, { row }) => postNow(transaction, unappliedBackEntry(row.id, money)))]
      : [write()]
  }
  const invoice = await records.get('invoice', payment.invoice_id)
  if (invoice === undefined || invoiceMinor === 0n) return [write()]
  const grant =
    invoice.kind === 'credit'
      ? await records.getBy('credit_grant', 'origin', `invoice:${invoice.id}`)
      : undefined
  const parts = partsOf(invoice, grant, invoiceMinor)
  const covered = parts.netMinor + parts.taxMinor
  const first = write((transaction, { row }) =>
    postNow(transaction, entryOf(takenBack(row.id, payment, invoice, parts))),
  )
  if (covered === 0n) return [first]
  const credit = [...creditNote(invoice, parts, origin, reason)]
  if (grant !== undefined)
    credit.push(
      ownCall({
        module: 'credit_grant',
        action: 'use',
        id: grant.id,
        input: { used: minorNumber(covered) },
      }),
    )
  return [first, ...credit]
}

/** Money that a payment brought and that pays nothing. */
export const unappliedOf = (
  { id, organization_id, provider, received_currency, currency }: Rows['payment'],
  amountMinor: bigint,
): Unapplied => ({
  paymentId: id,
  organizationId: organization_id,
  provider,
  currency: received_currency ?? currency,
  amountMinor,
})

function partsOf(
  invoice: Rows['invoice'],
  grant: Rows['credit_grant'] | undefined,
  invoiceMinor: bigint,
): RefundParts {
  const parts = refundParts(invoice, invoiceMinor)
  if (invoice.kind !== 'credit') return parts
  // Credit that was used is gone: what is given back for it is a loss.
  const left = BigInt(grant?.remaining ?? 0)
  const netMinor = parts.netMinor < left ? parts.netMinor : left
  return { ...parts, netMinor, excessMinor: parts.excessMinor + parts.netMinor - netMinor }
}

function takenBack(
  id: string,
  { provider }: Rows['payment'],
  invoice: Rows['invoice'],
  parts: RefundParts,
): TakenBack {
  return {
    id,
    invoiceId: invoice.id,
    provider,
    currency: invoice.currency,
    taxCountry: invoice.tax_country ?? '',
    ...parts,
    ...shareBack(invoice, parts.netMinor),
    ...(invoice.kind === 'credit' ? { creditOf: invoice.organization_id } : {}),
  }
}

function creditNote(
  invoice: Rows['invoice'],
  { netMinor, taxMinor }: RefundParts,
  origin: string,
  reason: string,
): readonly Call[] {
  const { id, organization_id, currency, credited } = invoice
  const [net, tax] = [minorNumber(netMinor), minorNumber(taxMinor)]
  const total = net + tax
  const create = ownCall({
    module: 'credit_note',
    action: 'create',
    input: {
      organization_id,
      invoice_id: id,
      origin,
      reason,
      currency,
      subtotal: net,
      tax,
      total,
      off_due: 0,
      refunded: total,
    },
  })
  const take = ownCall({
    module: 'invoice',
    action: 'take_credit',
    id,
    input: { amount: total, net, off_due: 0, seen: credited },
  })
  return [create, take]
}
