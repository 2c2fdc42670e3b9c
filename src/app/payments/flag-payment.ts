import { accept, type Outcome } from '#contract/outcome.ts'
import type { Rows } from '#contract/rows.gen.ts'
import { unappliedEntry } from '#domain/ledger/payment-entries.ts'
import { formatMoney } from '#domain/money.ts'
import type { Call } from '#ports/invoke.ts'
import { ownCall } from '../billing/dependencies.ts'
import { unappliedOf } from './book-refund.ts'
import type { PaymentDependencies } from './dependencies.ts'
import type { PaymentReport } from './read-report.ts'

/**
 * Notes that money came which pays nothing: it is booked as the customer's, and operators are told. What an invoice was paid with a second
 * time, and what came for one that is void, goes back by itself; the rest is for people to look at.
 */
export type FlagPayment = (
  payment: Rows['payment'],
  report: PaymentReport,
  reason: string,
) => Promise<Outcome<'flagged' | 'unchanged'>>

const words: Readonly<Record<string, string>> = {
  already_paid: 'The invoice was paid already',
  not_payable: 'The invoice is void',
  paid_twice: 'The invoice was paid twice',
}

/** Joins the record, the ledger and the refund in one transaction. */
export function createFlagPayment(deps: PaymentDependencies): FlagPayment {
  const { records, ledger, clock } = deps

  async function goesBack({ invoice_id }: Rows['payment'], reason: string): Promise<boolean> {
    if (words[reason] === undefined) return false
    if ((await records.getBy('setting', 'key', 'payment.refund_second'))?.value === 'false') return false
    if (reason !== 'not_payable') return true
    // What was given up and is paid after all is welcome: people decide.
    return (await records.get('invoice', invoice_id))?.status === 'void'
  }

  return async (payment, report, reason) => {
    const { id, provider } = payment
    const received = { received_amount: report.amount, received_currency: report.currency.toUpperCase() }
    const isReturned = report.amount > 0 && (await goesBack(payment, reason))
    const money = unappliedOf({ ...payment, ...received }, BigInt(report.amount))
    const follow = ownCall({
      module: 'payment',
      action: 'follow',
      id,
      input: { status: 'flagged', flag: reason, ...received },
      async beforeCommit(transaction) {
        if (report.amount > 0) await ledger.post(transaction, unappliedEntry(money), clock.now())
      },
    })
    const done = await deps.invokeAll([follow, ...(isReturned ? returnCalls(payment, report, reason) : [])])
    if (!done.ok) return done.code === 'illegal_transition' ? accept('unchanged') : done
    deps.counts.failure(provider)
    await tellOperators(deps, payment, report, { reason, isReturned })
    return accept('flagged')
  }
}

function returnCalls(payment: Rows['payment'], report: PaymentReport, reason: string): readonly Call[] {
  const { id, organization_id, invoice_id, provider, refunded: seen } = payment
  const create = ownCall({
    module: 'refund',
    action: 'create',
    input: {
      organization_id,
      payment_id: id,
      invoice_id,
      provider,
      source: 'automatic',
      amount: report.amount,
      currency: report.currency.toUpperCase(),
      invoice_amount: 0,
      reason: words[reason] ?? reason,
      origin: `automatic:${id}`,
    },
  })
  const input = { refunded: seen + report.amount, seen }
  return [create, ownCall({ module: 'payment', action: 'count_refunds', id, input })]
}

async function tellOperators(
  { tell, log }: PaymentDependencies,
  { id, invoice_id, amount, currency }: Rows['payment'],
  report: PaymentReport,
  { reason, isReturned }: { readonly reason: string; readonly isReturned: boolean },
): Promise<void> {
  const facts = { payment: id, invoice: invoice_id, reason }
  const asked = formatMoney({ amountMinor: BigInt(amount), currency })
  const came = formatMoney({ amountMinor: BigInt(report.amount), currency: report.currency.toUpperCase() })
  log.error(facts, 'a payment came that pays no invoice')
  await tell({
    event: 'payment.flagged',
    severity: isReturned ? 'warning' : 'error',
    title: isReturned
      ? 'An invoice was paid a second time: that goes back by itself'
      : 'A payment came that pays no invoice, and has to go back',
    text: `Asked for: ${asked}. Came: ${came}. Reason: ${reason}.`,
    data: facts,
    key: `${id} ${reason} ${report.paymentId}`,
  })
}
