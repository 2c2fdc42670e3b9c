import { accept, type Outcome } from '#contract/outcome.ts'
import type { Rows } from '#contract/rows.gen.ts'
import {
  disputeLostEntry,
  disputeOpenedEntry,
  disputeWonEntry,
  type TakenBack,
} from '#domain/ledger/payment-entries.ts'
import { invoicePart } from '#domain/payments/refundable.ts'
import type { Call } from '#ports/invoke.ts'
import { ownCall } from '../billing/dependencies.ts'
import { bookBack, type EntryOf, moneyBackCalls } from './book-refund.ts'
import { localIdOf, mappingOf, type PaymentDependencies } from './dependencies.ts'

/**
 * Asks the provider how a dispute stands and goes on by its answer alone: money is set aside when it opens, is there again when it is won,
 * and gone with what it had earned when it is lost; each once. Refuses where the provider could not be asked.
 */
export type FollowDispute = (
  provider: string,
  disputeId: string,
) => Promise<Outcome<'changed' | 'unchanged' | 'unknown'>>

/** Joins the provider with the books. */
export function createFollowDispute(deps: PaymentDependencies): FollowDispute {
  const { records, ledger, clock, capabilities } = deps

  /** Posts a side of money that is set aside, which no part of an invoice depends on. */
  const aside =
    (
      dispute: Pick<Rows['dispute'], 'provider' | 'invoice_id' | 'invoice_amount'>,
      currency: string,
      entryOf: EntryOf,
    ) =>
    async (
      transaction: Parameters<NonNullable<Call['beforeCommit']>>[0],
      { row }: { row: { id: string } },
    ) => {
      if (dispute.invoice_amount === 0) return
      const back: TakenBack = {
        id: row.id,
        invoiceId: dispute.invoice_id,
        provider: dispute.provider,
        currency,
        netMinor: BigInt(dispute.invoice_amount),
        taxMinor: 0n,
        taxCountry: '',
        excessMinor: 0n,
      }
      await ledger.post(transaction, entryOf(back), clock.now())
    }

  async function open(
    payment: Rows['payment'],
    externalId: string,
    { amount, reason }: { readonly amount: number; readonly reason?: string | undefined },
  ): Promise<Outcome<string>> {
    const { organization_id, invoice_id, provider, currency, invoice_currency } = payment
    const input = {
      organization_id,
      payment_id: payment.id,
      invoice_id,
      provider,
      amount,
      currency,
      invoice_amount: invoicePart(payment, amount),
      reason: (reason ?? '').slice(0, 200),
      external_id: externalId,
    }
    const beforeCommit = aside(input, invoice_currency, disputeOpenedEntry)
    const done = await deps.invokeAll([ownCall({ module: 'dispute', action: 'create', input, beforeCommit })])
    const known = await localIdOf(records, provider, 'dispute', externalId)
    if (known !== undefined) return accept(known)
    return done.ok ? accept('') : done
  }

  async function close(
    dispute: Rows['dispute'],
    status: 'won' | 'lost',
  ): Promise<Outcome<'changed' | 'unchanged'>> {
    const payment = await records.get('payment', dispute.payment_id)
    if (payment === undefined) return accept('unchanged')
    const call = (beforeCommit?: Call['beforeCommit']) =>
      ownCall({
        module: 'dispute',
        action: 'close',
        id: dispute.id,
        input: { status },
        ...(beforeCommit === undefined ? {} : { beforeCommit }),
      })
    const back = {
      payment,
      amountMinor: BigInt(dispute.amount),
      invoiceMinor: BigInt(dispute.invoice_amount),
      origin: `dispute:${dispute.id}`,
      reason: `Dispute lost${dispute.reason === '' ? '' : `: ${dispute.reason}`}`,
    }
    const done = await bookBack(deps, async () =>
      status === 'won'
        ? [call(aside(dispute, payment.invoice_currency, disputeWonEntry))]
        : moneyBackCalls(deps, back, call, disputeLostEntry),
    )
    if (done.ok) return accept('changed')
    const now = await records.get('dispute', dispute.id)
    return now?.status === 'open' ? done : accept('unchanged')
  }

  return async (provider, told) => {
    const read = await capabilities.capability('payment', { provider }).get_dispute({ dispute_id: told })
    if (!read.ok) return read.code === 'not_found' ? accept('unknown') : read
    // What takes a dispute back may have an id of its own.
    const { dispute_id: disputeId, status, payment_id, amount, reason } = read.value
    const known = await localIdOf(records, provider, 'dispute', disputeId)
    const paymentId = await localIdOf(records, provider, 'payment', payment_id)
    const payment = paymentId === undefined ? undefined : await records.get('payment', paymentId)
    if (payment === undefined) return accept('unknown')
    // A question of the bank holds no money back.
    if (known === undefined && status === 'inquiry') return accept('unchanged')
    const id = known === undefined ? await open(payment, disputeId, { amount, reason }) : accept(known)
    if (!id.ok) return id
    const dispute = await records.get('dispute', id.value)
    if (dispute?.status === 'open' && (status === 'won' || status === 'lost')) return close(dispute, status)
    return accept(known === undefined ? 'changed' : 'unchanged')
  }
}

/** Asks for every dispute that is not decided yet; answers how many went on. */
export async function followOpenDisputes(deps: PaymentDependencies, follow: FollowDispute): Promise<number> {
  let found = 0
  for await (const { id, provider } of deps.records.each('dispute', [
    { field: 'status', op: 'eq', value: 'open' },
  ])) {
    const mapped = await mappingOf(deps.records, provider, 'dispute', id)
    const followed = mapped === undefined ? undefined : await follow(provider, mapped.external_id)
    if (followed?.ok === true && followed.value === 'changed') found += 1
    if (followed?.ok === false)
      deps.log.warn(
        { dispute: id, reason: followed.message },
        'a dispute could not be asked for; tried again',
      )
  }
  return found
}
