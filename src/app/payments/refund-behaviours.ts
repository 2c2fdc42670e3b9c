import { type Refusal, refuse, refuseFields } from '#contract/outcome.ts'
import type { Rows } from '#contract/rows.gen.ts'
import { invoicePart, partWithin, refundableMinor } from '#domain/payments/refundable.ts'
import type { Behaviour, BehaviourContext } from '#ports/behaviour.ts'
import { promisedBack } from '../billing/promised-back.ts'

/** before payment.refund: notes what goes back and leaves it to the queue, in one transaction; two at once cannot ask for more than there is. */
export const refundPaymentRecord: Behaviour = async (context) => {
  const { input } = context
  const payment = context.before as unknown as Rows['payment']
  const { amount: wanted, reason, key } = input
  for (const name of ['amount', 'reason', 'key']) delete input[name]
  const origin = `operator:${payment.id}:${typeof key === 'string' ? `key:${key}` : context.ids.next('ref')}`
  const known = await context.everywhere.records.getBy('refund', 'origin', origin)
  if (known !== undefined) return sameAgain(context, known, wanted)
  const left = refundableMinor(payment)
  const invoiceLeft = await leftOfInvoice(context, payment)
  const amount = typeof wanted === 'number' ? wanted : partWithin(payment, invoiceLeft)
  if (left === 0 || amount === 0)
    return refuse('conflict', `Of a payment that is ${payment.status} nothing is left to give back`, {
      reason: 'nothing_left',
    })
  if (amount > left) return refuseFields([{ field: 'amount', reason: `must be at most ${left}` }])
  const invoiceAmount = invoicePart(payment, amount)
  if (invoiceAmount > invoiceLeft)
    return refuse('conflict', 'Credit notes have taken back too much of the invoice for that', {
      field: 'amount',
      left: invoiceLeft,
    })
  const made = await context.invoke({
    module: 'refund',
    action: 'create',
    input: {
      organization_id: payment.organization_id,
      payment_id: payment.id,
      invoice_id: payment.invoice_id,
      provider: payment.provider,
      amount,
      currency: payment.status === 'flagged' ? payment.received_currency : payment.currency,
      invoice_amount: invoiceAmount,
      reason: String(reason ?? ''),
      origin,
    },
  })
  if (!made.ok) return made
  input['refunded'] = payment.refunded + amount
  context.revealOnce('refund_id', made.value.row.id)
  return undefined
}

function sameAgain(context: BehaviourContext, known: Rows['refund'], wanted: unknown): Refusal | undefined {
  if (typeof wanted === 'number' && wanted !== known.amount)
    return refuse('idempotency_mismatch', 'This key was used for another amount', { field: 'key' })
  context.revealOnce('refund_id', known.id)
  return undefined
}

/** What credit notes have given back as prepaid credit cannot go back a second time as money, nor what is on its way back already. */
async function leftOfInvoice(
  { records }: BehaviourContext,
  { invoice_id }: Rows['payment'],
): Promise<number> {
  const invoice = await records.get('invoice', invoice_id)
  if (invoice === undefined) return 0
  return Math.max(0, invoice.total - invoice.credited - (await promisedBack(records, invoice.id)))
}

const over = (status: string, to: string): Refusal =>
  refuse('illegal_transition', `A refund that is ${status} cannot become ${to}`, {
    field: 'status',
    from: status,
    to,
  })

/** before payment.count_refunds: refused where somebody else has counted meanwhile. */
export const countRefunds: Behaviour = ({ before, input }) => {
  const { refunded } = before as unknown as Rows['payment']
  const { seen } = input
  delete input['seen']
  return seen === refunded ? undefined : refuse('conflict', 'Refunds of this payment have changed meanwhile')
}

/** before refund.succeed: once. */
export const succeedRefund: Behaviour = ({ before, input, now }) => {
  const { status } = before as unknown as Rows['refund']
  if (status !== 'requested') return over(status, 'succeeded')
  Object.assign(input, { status: 'succeeded', refunded_at: new Date(now).toISOString(), mail_due: true })
  return undefined
}

/** before refund.fail: what was to go back is there again. */
export const failRefund: Behaviour = async ({ before, input, records, invoke }) => {
  const { status, payment_id, amount } = before as unknown as Rows['refund']
  if (status !== 'requested') return over(status, 'failed')
  input['status'] = 'failed'
  const payment = await records.get('payment', payment_id)
  if (payment === undefined) return undefined
  const refunded = Math.max(0, payment.refunded - amount)
  const counted = await invoke({
    module: 'payment',
    action: 'count_refunds',
    id: payment.id,
    input: { refunded, seen: payment.refunded },
  })
  return counted.ok ? undefined : counted
}
