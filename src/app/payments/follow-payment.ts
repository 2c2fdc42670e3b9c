import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import type { Rows } from '#contract/rows.gen.ts'
import { paymentStep } from '#domain/payments/payment-step.ts'
import { ownCall, timeText } from '../billing/dependencies.ts'
import { localIdOf, mappingOf, type PaymentDependencies } from './dependencies.ts'
import { createFlagPayment } from './flag-payment.ts'
import { createReadReport, type PaymentReport, type PaymentSubject } from './read-report.ts'
import type { TakeRefunds } from './take-refunds.ts'

/** What came of asking the provider about a payment. */
export type Followed =
  /** The invoice is paid by it, as of now. */
  | 'settled'
  | 'changed'
  | 'unchanged'
  /** It is none that we asked for. */
  | 'unknown'
  /** Money has come that pays nothing, and has to go back. */
  | 'flagged'

/**
 * Asks the provider how something stands, and goes on by its answer alone: whatever led here says no more than that there is something to
 * ask for. Refuses where the provider could not be asked; to be tried again.
 */
export type FollowPayment = (provider: string, subject: PaymentSubject) => Promise<Outcome<Followed>>

/** Follows payments forward; an invoice is settled in the transaction in which its payment succeeds. */
export function createFollowPayment(deps: PaymentDependencies, takeRefunds: TakeRefunds): FollowPayment {
  const { records, clock } = deps
  const readReport = createReadReport(deps)
  const flag = createFlagPayment(deps)

  const followCall = (payment: Rows['payment'], input: Readonly<Record<string, unknown>>) =>
    ownCall({ module: 'payment', action: 'follow', id: payment.id, input: { ...input } })

  /** Somebody else may have been faster with the same news. */
  async function become(
    payment: Rows['payment'],
    input: Readonly<Record<string, unknown>>,
    result: Followed,
  ): Promise<Outcome<Followed>> {
    const done = await deps.invoke(followCall(payment, input))
    if (done.ok && input['status'] === 'failed') deps.counts.failure(payment.provider)
    if (done.ok) return accept(result)
    return done.code === 'illegal_transition' ? accept('unchanged') : done
  }

  async function settle(payment: Rows['payment'], report: PaymentReport): Promise<Outcome<Followed>> {
    const paidAtMs = clock.now()
    const received = { received_amount: report.amount, received_currency: report.currency.toUpperCase() }
    const input = { status: 'succeeded', paid_at: timeText(paidAtMs), ...received }
    const { id, provider, invoice_id, invoice_amount, invoice_currency } = payment
    const settled = await deps.settle(
      invoice_id,
      { id, provider, amountMinor: BigInt(invoice_amount), currency: invoice_currency, paidAtMs },
      [followCall(payment, input)],
    )
    if (settled.ok) return accept(settled.value.isNew ? 'settled' : 'unchanged')
    const reason = settled.details?.['reason']
    if (settled.code === 'conflict' && typeof reason === 'string') return flag(payment, report, reason)
    if (settled.code !== 'illegal_transition') return settled
    // Either this very payment is settled elsewhere at this moment, or nobody has to pay the invoice any more.
    const now = await records.get('payment', id)
    return now?.status === 'succeeded' ? accept('unchanged') : flag(payment, report, 'not_payable')
  }

  return async (provider, subject) => {
    const read = await readReport(provider, subject)
    if (!read.ok) return read
    if (read.value === undefined) return accept('unknown')
    if (read.value.kind === 'checkout')
      return read.value.isExpired ? expire(provider, read.value) : accept('unchanged')
    const report = read.value
    const payment = await paymentOf(provider, report)
    if (payment === undefined) return accept('unknown')
    const mapped = await remember(payment, report)
    if (mapped === 'another')
      return report.status === 'succeeded' ? second(payment, report) : accept('unchanged')
    const followed = await goOn(payment, report)
    if (!followed.ok || (report.amountRefunded === 0 && payment.refunded === 0)) return followed
    const taken = await takeRefunds(payment.id, report.amountRefunded)
    if (!taken.ok) return taken
    return followed.value === 'unchanged' && taken.value === 'changed' ? accept('changed') : followed
  }

  async function goOn(payment: Rows['payment'], report: PaymentReport): Promise<Outcome<Followed>> {
    const step = paymentStep(payment, report)
    if (step.kind === 'stay') return accept('unchanged')
    if (step.kind === 'become') {
      const reason =
        step.status === 'failed' ? { decline_code: (report.declineCode ?? 'declined').slice(0, 100) } : {}
      return become(payment, { status: step.status, ...reason }, 'changed')
    }
    return step.kind === 'flag' ? flag(payment, report, step.flag) : settle(payment, report)
  }

  /** One page was paid by two payments of the provider: the other one is a payment of its own, which pays nothing. */
  async function second(first: Rows['payment'], report: PaymentReport): Promise<Outcome<Followed>> {
    const { organization_id, invoice_id, provider, method, amount, currency } = first
    const { invoice_amount, invoice_currency, fx_quote_id } = first
    const origin = `second:${provider}:${report.paymentId}`.slice(0, 200)
    const input = {
      organization_id,
      invoice_id,
      provider,
      method,
      amount,
      currency,
      invoice_amount,
      invoice_currency,
      fx_quote_id,
      origin,
    }
    const made = await deps.invoke(ownCall({ module: 'payment', action: 'create', input }))
    const payment = await records.getBy('payment', 'origin', origin)
    if (payment === undefined) return made.ok ? refuse('conflict', 'The payment is gone') : made
    await remember(payment, report)
    return flag(payment, report, 'paid_twice')
  }

  async function expire(provider: string, { checkoutId }: { readonly checkoutId: string }) {
    const id = await localIdOf(records, provider, 'checkout', checkoutId)
    const payment = id === undefined ? undefined : await records.get('payment', id)
    if (payment === undefined) return accept('unknown' as const)
    return payment.status === 'requested'
      ? become(payment, { status: 'expired' }, 'changed')
      : accept('unchanged' as const)
  }

  /** Ours by what we have noted, else by the reference that we gave along: the note is lost when we died before we could write it. */
  async function paymentOf(
    provider: string,
    { paymentId, checkoutId, reference }: PaymentReport,
  ): Promise<Rows['payment'] | undefined> {
    const id =
      (await localIdOf(records, provider, 'payment', paymentId)) ??
      (checkoutId === undefined ? undefined : await localIdOf(records, provider, 'checkout', checkoutId)) ??
      reference
    const payment = id === undefined ? undefined : await records.get('payment', id)
    return payment?.provider === provider ? payment : undefined
  }

  /** A page may be tried on by several payments of the provider; the one that succeeds first is the one. */
  async function remember(
    { id, provider, status }: Rows['payment'],
    report: PaymentReport,
  ): Promise<'same' | 'another'> {
    const known = await mappingOf(records, provider, 'payment', id)
    if (known?.external_id === report.paymentId) return 'same'
    if (known !== undefined && (status === 'succeeded' || status === 'flagged')) return 'another'
    const input = { provider, entity_type: 'payment', local_id: id, external_id: report.paymentId }
    const done =
      known === undefined
        ? await deps.invoke(ownCall({ module: 'provider_mapping', action: 'create', input }))
        : await deps.invoke(
            ownCall({
              module: 'provider_mapping',
              action: 'update',
              id: known.id,
              input: { external_id: report.paymentId },
            }),
          )
    if (done.ok || (await localIdOf(records, provider, 'payment', report.paymentId)) === id) return 'same'
    return 'another'
  }
}
