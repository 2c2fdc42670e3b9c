import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import type { Rows } from '#contract/rows.gen.ts'
import { invoicePart } from '#domain/payments/refundable.ts'
import type { Call } from '#ports/invoke.ts'
import { ownCall, timeText } from '../billing/dependencies.ts'
import { bookBack, moneyBackCalls } from './book-refund.ts'
import type { CarryOutRefund } from './carry-out-refund.ts'
import type { PaymentDependencies } from './dependencies.ts'

/**
 * Brings our refunds of a payment to what its provider says has gone back in all, in minor units: those that we asked for are followed,
 * and what somebody gave back at the provider's own desk is booked as a refund of ours, once for each total.
 */
export type TakeRefunds = (paymentId: string, refundedMinor: number) => Promise<Outcome<'changed' | 'same'>>

/** Joins the refunds that are known with the total that is told. */
export function createTakeRefunds(deps: PaymentDependencies, carryOut: CarryOutRefund): TakeRefunds {
  const { records, clock } = deps

  async function refundsOf(paymentId: string): Promise<readonly Rows['refund'][]> {
    const where = [{ field: 'payment_id', op: 'eq', value: paymentId }] as const
    const refunds: Rows['refund'][] = []
    for await (const refund of records.each('refund', where)) refunds.push(refund)
    return refunds
  }

  async function takeIn(
    payment: Rows['payment'],
    amount: number,
    total: number,
  ): Promise<Outcome<'changed' | 'same'>> {
    const invoiceAmount = invoicePart(payment, amount)
    const origin = `provider:${payment.id}:${total}`
    const input = {
      organization_id: payment.organization_id,
      payment_id: payment.id,
      invoice_id: payment.invoice_id,
      provider: payment.provider,
      source: 'provider',
      status: 'succeeded',
      amount,
      currency: payment.status === 'flagged' ? payment.received_currency : payment.currency,
      invoice_amount: invoiceAmount,
      reason: `Given back at ${payment.provider}`,
      origin,
      refunded_at: timeText(clock.now()),
      mail_due: true,
    }
    const count = ownCall({
      module: 'payment',
      action: 'count_refunds',
      id: payment.id,
      input: { refunded: payment.refunded + amount, seen: payment.refunded },
    })
    const back = {
      payment,
      amountMinor: BigInt(amount),
      invoiceMinor: BigInt(invoiceAmount),
      origin: `refund:${origin}`,
      reason: input.reason,
    }
    const made = (beforeCommit?: Call['beforeCommit']): Call =>
      ownCall({
        module: 'refund',
        action: 'create',
        input,
        ...(beforeCommit === undefined ? {} : { beforeCommit }),
      })
    const done = await bookBack(deps, async () => [...(await moneyBackCalls(deps, back, made)), count])
    if (done.ok) return accept('changed')
    const known = await records.getBy('refund', 'origin', origin)
    return known === undefined ? done : accept('same')
  }

  return async (paymentId, refundedMinor) => {
    let isChanged = false
    for (const { id, status } of await refundsOf(paymentId)) {
      if (status !== 'requested') continue
      const followed = await carryOut(id)
      if (!followed.ok) return followed
      isChanged ||= followed.value === 'succeeded' || followed.value === 'failed'
    }
    const payment = await records.get('payment', paymentId)
    if (payment === undefined) return refuse('not_found', 'There is no such payment')
    const known = (await refundsOf(paymentId))
      .filter(({ status }) => status !== 'failed')
      .reduce((sum, { amount }) => sum + amount, 0)
    const isPaid = payment.status === 'succeeded' || payment.status === 'flagged'
    if (isPaid && refundedMinor > known) return takeIn(payment, refundedMinor - known, refundedMinor)
    return accept(isChanged ? 'changed' : 'same')
  }
}
