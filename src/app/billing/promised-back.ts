import { type Refusal, refuse } from '#contract/outcome.ts'
import type { Rows } from '#contract/rows.gen.ts'
import type { Behaviour } from '#ports/behaviour.ts'
import type { Records } from '#ports/records.ts'

/**
 * What of an invoice is on its way back as money, in its currency: refunds that their provider has not made yet, and open disputes. It
 * stands on no credit note so far, and cannot be given back beside.
 */
export async function promisedBack(records: Records, invoiceId: string): Promise<number> {
  const ofInvoice = { field: 'invoice_id', op: 'eq', value: invoiceId } as const
  const wanted = { field: 'status', op: 'eq', value: 'requested' } as const
  const open = { field: 'status', op: 'eq', value: 'open' } as const
  let promised = 0
  for await (const refund of records.each('refund', [ofInvoice, wanted])) promised += refund.invoice_amount
  for await (const dispute of records.each('dispute', [ofInvoice, open])) promised += dispute.invoice_amount
  return promised
}

/** before credit_note.create: what is made by hand gives back nothing that goes back as money, and no credit for credit. */
export const keepPromises: Behaviour = async ({ input, records }) => {
  const { invoice_id: invoiceId, origin, refunded, total } = input
  // Money that has gone back is booked whatever else was promised; what late usage takes back was never owed.
  if (Number(refunded ?? 0) > 0 || String(origin).startsWith('true_up:')) return undefined
  const invoice = await records.get('invoice', String(invoiceId))
  if (invoice === undefined) return undefined
  if (invoice.kind === 'credit' && invoice.status === 'paid')
    return refuse(
      'conflict',
      'An invoice that sold prepaid credit is given back by a refund of its payment',
      {
        reason: 'sold_credit',
      },
    )
  return tooMuch(invoice, Number(total), await promisedBack(records, invoice.id))
}

function tooMuch(
  { total, credited }: Pick<Rows['invoice'], 'total' | 'credited'>,
  wanted: number,
  promised: number,
): Refusal | undefined {
  const left = total - credited - promised
  if (promised === 0 || wanted <= left) return undefined
  return refuse('conflict', 'Too much of the invoice is on its way back as money for that', {
    field: 'amount',
    reason: 'refund_under_way',
    left: Math.max(0, left),
  })
}
