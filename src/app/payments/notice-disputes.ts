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
  deps: Pick<PaymentDependencies, 'records' | 'invoke' | 'tell'>,
): Promise<void> {
  const { records, tell } = deps
  for await (const dispute of records.each('dispute', [{ field: 'notice_due', op: 'eq', value: true }])) {
    const { id, status, payment_id, invoice_id, amount, currency, provider, reason } = dispute
    const isTold = await tell({
      event: `dispute.${status}`,
      severity: status === 'won' ? 'info' : 'error',
      title: titles[status],
      text: `${formatMoney({ amountMinor: BigInt(amount), currency })} at ${provider}. Reason: ${reason || 'unknown'}.`,
      data: { dispute: id, payment: payment_id, invoice: invoice_id },
      key: `dispute ${id} ${status}`,
    })
    // Refused where it was decided meanwhile: then the note stays, for that.
    if (isTold)
      await deps.invoke(ownCall({ module: 'dispute', action: 'noticed', id, input: { told: status } }))
  }
}
