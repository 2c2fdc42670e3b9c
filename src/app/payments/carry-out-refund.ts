import { accept, type Outcome, type Refusal, refuse } from '#contract/outcome.ts'
import type { Rows } from '#contract/rows.gen.ts'
import { refundStatus } from '#domain/payments/refundable.ts'
import { ownCall, timeText } from '../billing/dependencies.ts'
import { bookBack, moneyBackCalls } from './book-refund.ts'
import { mappingOf, type PaymentDependencies } from './dependencies.ts'

/** The job that asks a provider for a refund. */
export const refundJob = 'payments.refund'

const lasting: readonly string[] = [
  'conflict',
  'idempotency_mismatch',
  'illegal_transition',
  'not_found',
  'payment_required',
  'validation_error',
]
/** Whether asking a provider again would bring the same refusal. */
export const isLasting = ({ code }: Refusal): boolean => lasting.includes(code)

const askAgainAfterMs = 60 * 60_000

/**
 * Asks the provider for a refund that is wanted, once for its id however often and by how many this is called, and books it when the
 * provider has given the money back. Refuses where the provider could not be asked.
 */
export type CarryOutRefund = (id: string) => Promise<Outcome<'succeeded' | 'failed' | 'waiting' | 'over'>>

/** Joins the provider with the books. */
export function createCarryOutRefund(deps: PaymentDependencies): CarryOutRefund {
  const { records, capabilities, clock } = deps

  async function ask(refund: Rows['refund']): Promise<Outcome<{ amount: number; status: string }>> {
    const { id, provider, amount } = refund
    const payment = await mappingOf(records, provider, 'payment', refund.payment_id)
    if (payment === undefined) return refuse('not_found', 'The provider does not know the payment')
    const service = capabilities.capability('payment', { provider })
    const known = await mappingOf(records, provider, 'refund', id)
    const payment_id = payment.external_id
    if (known !== undefined) {
      const read = await service.get_refund({ payment_id, refund_id: known.external_id })
      // Not every provider lets refunds be read; the same key again is the same refund.
      if (read.ok || read.details?.['reason'] !== 'not_offered') return read
    }
    const made = await service.refund_payment({ payment_id, amount, idempotency_key: id })
    if (!made.ok || known !== undefined) return made
    const input = { provider, entity_type: 'refund', local_id: id, external_id: made.value.refund_id }
    const noted = await deps.invoke(ownCall({ module: 'provider_mapping', action: 'create', input }))
    return noted.ok || noted.code === 'conflict' ? made : noted
  }

  async function fail(
    { id, source }: Rows['refund'],
    { message }: Refusal,
  ): Promise<Outcome<'failed' | 'over'>> {
    const input = { failure: message.slice(0, 500) }
    const done = await deps.invoke(ownCall({ module: 'refund', action: 'fail', id, input }))
    if (done.ok) deps.log.error({ refund: id, reason: message }, 'a refund was refused by its provider')
    if (done.ok && source === 'automatic') await tellOperators(deps, id, message)
    if (done.ok) return accept('failed')
    return done.code === 'illegal_transition' ? accept('over') : done
  }

  async function book(refund: Rows['refund']): Promise<Outcome<'succeeded' | 'over'>> {
    const payment = await records.get('payment', refund.payment_id)
    if (payment === undefined) return refuse('not_found', 'There is no such payment')
    const back = {
      payment,
      amountMinor: BigInt(refund.amount),
      invoiceMinor: BigInt(refund.invoice_amount),
      origin: `refund:${refund.id}`,
      reason: refund.reason || 'Refund',
    }
    const done = await bookBack(deps, () =>
      moneyBackCalls(deps, back, (beforeCommit) =>
        ownCall({
          module: 'refund',
          action: 'succeed',
          id: refund.id,
          ...(beforeCommit === undefined ? {} : { beforeCommit }),
        }),
      ),
    )
    if (done.ok) return accept('succeeded')
    const now = await records.get('refund', refund.id)
    return now === undefined || now.status === 'requested' ? done : accept('over')
  }

  return async (id) => {
    const refund = await records.get('refund', id)
    if (refund === undefined || refund.status !== 'requested') return accept('over')
    const answer = await ask(refund)
    if (!answer.ok) return isLasting(answer) ? fail(refund, answer) : answer
    const status = refundStatus(answer.value.status)
    if (status === 'failed') return fail(refund, refuse('conflict', 'The provider could not give it back'))
    if (status === 'succeeded' && answer.value.amount === refund.amount) return book(refund)
    if (status === 'succeeded')
      return refuse('internal_error', `The provider has given back ${answer.value.amount} instead`)
    const input = { ask_at: timeText(clock.now() + askAgainAfterMs) }
    await deps.invoke(ownCall({ module: 'refund', action: 'wait', id, input }))
    return accept('waiting')
  }
}

/** Nobody asked for what goes back by itself, so nobody looks whether it did. */
async function tellOperators({ tell }: PaymentDependencies, id: string, reason: string): Promise<void> {
  await tell({
    event: 'refund.failed',
    severity: 'error',
    title: 'What was paid twice could not go back by itself: give it back at the provider',
    text: `The provider said: ${reason}`,
    data: { refund: id },
    key: `refund ${id} failed`,
  })
}
