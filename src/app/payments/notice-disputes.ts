import { formatMoney } from '#domain/money.ts'
import { ownCall } from '../billing/dependencies.ts'
import type { PaymentDependencies } from './dependencies.ts'

const titles = {
  open: 'A payment is contested: answer it at the provider in time',
  won: 'A dispute was won: the money is back',
  lost: 'A dispute was lost: the money is gone',
} as const

/** Tells operators of disputes that open and close: also after a crash, as the record keeps the note until they are told. */
export async function noticeDisputes(
  deps: Pick<PaymentDependencies, 'records' | 'invoke' | 'capabilities' | 'log'>,
): Promise<void> {
  const { records, capabilities, log } = deps
  for await (const dispute of records.each('dispute', [{ field: 'notice_due', op: 'eq', value: true }])) {
    const { id, status, payment_id, invoice_id, amount, currency, provider, reason } = dispute
    const told = await capabilities.capability('notification').notify({
      event: `dispute.${status}`,
      severity: status === 'won' ? 'info' : 'error',
      title: titles[status],
      text: `${formatMoney({ amountMinor: BigInt(amount), currency })} at ${provider}. Reason: ${reason || 'unknown'}.`,
      data: { dispute: id, payment: payment_id, invoice: invoice_id },
      idempotency_key: `dispute ${id} ${status}`,
    })
    if (told.ok) await deps.invoke(ownCall({ module: 'dispute', action: 'noticed', id }))
    else log.warn({ dispute: id, problem: told.message }, 'nobody could be told of a dispute; tried again')
  }
}
