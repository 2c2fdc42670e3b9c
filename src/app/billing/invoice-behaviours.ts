import { type Refusal, refuse } from '#contract/outcome.ts'
import type { Rows } from '#contract/rows.gen.ts'
import { invoiceTransitions, numberText } from '#domain/billing/invoice-status.ts'
import { canBecome } from '#domain/transitions.ts'
import type { Behaviour, BehaviourContext } from '#ports/behaviour.ts'
import type { Records } from '#ports/records.ts'

const invoiceOf = ({ before }: BehaviourContext): Rows['invoice'] => before as unknown as Rows['invoice']

function cannotBecome(from: string, to: string): Refusal | undefined {
  if (from !== to && canBecome(invoiceTransitions, from, to)) return undefined
  return refuse('illegal_transition', `An invoice that is ${from} cannot become ${to}`, {
    field: 'status',
    from,
    to,
  })
}

type Numbered = 'invoice' | 'credit_note'

/** before finalize: draft becomes open (or paid, where nothing is due), with the next number of all invoices. */
export const createFinalizeInvoice =
  (least: Map<Numbered, number>): Behaviour =>
  async (context) => {
    const { input, records, everywhere, now } = context
    const amountDue = Number(input['total']) - Number(input['credit_applied'])
    const status = amountDue === 0 ? 'paid' : 'open'
    const refusal = cannotBecome(invoiceOf(context).status, status)
    if (refusal !== undefined) return refusal
    const prefix = (await records.getBy('setting', 'key', 'billing.invoice_prefix'))?.value || 'INV'
    const sequence = await nextSequence(everywhere.records, 'invoice', least)
    const at = new Date(now).toISOString()
    Object.assign(input, {
      status,
      sequence,
      number: numberText(prefix, now, sequence),
      issued_at: at,
      amount_due: amountDue,
      mail_due: Number(input['total']) > 0,
      ...(status === 'open' && (await hasDefaultMethod(context)) ? { collect_at: at } : {}),
      ...(status === 'paid'
        ? { paid_at: at, platform_fee: feeOn(Number(input['subtotal']), Number(input['platform_fee_bp'])) }
        : {}),
    })
    return undefined
  }

/** Whether it can be collected at once, without asking the customer. */
async function hasDefaultMethod(context: BehaviourContext): Promise<boolean> {
  const { items } = await context.records.list('payment_method', {
    where: [
      { field: 'organization_id', op: 'eq', value: invoiceOf(context).organization_id },
      { field: 'is_default', op: 'eq', value: true },
    ],
    limit: 1,
  })
  return items.some(({ status }) => status === 'active')
}

/** before credit_note.create: the next number of all credit notes. */
export const createTakeCreditNoteNumber =
  (least: Map<Numbered, number>): Behaviour =>
  async ({ input, records, everywhere, now }) => {
    const prefix = (await records.getBy('setting', 'key', 'billing.credit_note_prefix'))?.value || 'CN'
    const sequence = await nextSequence(everywhere.records, 'credit_note', least)
    Object.assign(input, { sequence, number: numberText(prefix, now, sequence) })
    return undefined
  }

// The engine writes one transaction at a time on all nodes: nobody else can take the same number, and one that is undone was never taken.
async function nextSequence(
  records: Records,
  module: Numbered,
  least: Map<Numbered, number>,
): Promise<number> {
  const highest = async (from: number): Promise<number | undefined> => {
    const { items } = await records.list(module, {
      where: [{ field: 'sequence', op: 'gte', value: from }],
      sort: { field: 'sequence', descending: true },
      limit: 1,
    })
    return items[0]?.sequence ?? undefined
  }
  // Numbers only grow: what was seen before saves looking through all of them, and is asked for anew where it was undone.
  const known = least.get(module) ?? 1
  const last = (await highest(known)) ?? (known > 1 ? await highest(1) : undefined) ?? 0
  least.set(module, Math.max(last, 1))
  return last + 1
}

/** before settle: only what is payable, by exactly what is due, in its currency. */
export const settleInvoiceRecord: Behaviour = (context) => {
  const { input } = context
  const invoice = invoiceOf(context)
  const refusal = cannotBecome(invoice.status, 'paid')
  if (refusal !== undefined) return refusal
  const mismatch = paymentMismatch(invoice, Number(input['amount']), String(input['currency']))
  if (mismatch !== undefined) return mismatch
  const { input: draft } = context
  // What the action was given to compare with is no field to store.
  delete draft['amount']
  delete draft['currency']
  Object.assign(draft, {
    status: 'paid',
    amount_paid: invoice.amount_due,
    amount_due: 0,
    platform_fee: feeOn(invoice.subtotal - invoice.credited_subtotal, invoice.platform_fee_bp),
    mail_due: true,
    collect_at: null,
  })
  return undefined
}

/** What the platform keeps of an invoice, rounded half up once. */
const feeOn = (net: number, basisPoints: number): number =>
  Number((BigInt(net) * BigInt(basisPoints) + 5_000n) / 10_000n)

/** Why a payment does not pay an invoice. */
export function paymentMismatch(
  invoice: Pick<Rows['invoice'], 'amount_due' | 'currency'>,
  amount: number,
  currency: string,
): Refusal | undefined {
  const { amount_due: due } = invoice
  if (currency !== invoice.currency)
    return refuse('conflict', `The invoice is in ${invoice.currency}, the payment in ${currency}`, {
      reason: 'wrong_currency',
      expected: invoice.currency,
    })
  if (amount === due) return undefined
  const message = `The invoice is about ${due} minor units, the payment about ${amount}`
  return refuse('conflict', message, { reason: 'wrong_amount', expected: due })
}

/** before take_credit: the credit of a credit note, which cannot be more than the invoice. */
export const takeInvoiceCredit: Behaviour = (context) => {
  const { input } = context
  const invoice = invoiceOf(context)
  const { status, total, credited, credited_subtotal, amount_due } = invoice
  const [amount, net, offDue] = ['amount', 'net', 'off_due'].map((name) => Number(input[name]))
  if ((input['seen'] ?? credited) !== credited)
    return refuse('conflict', 'Something else of the invoice was taken back meanwhile', { field: 'amount' })
  if (status === 'draft' || status === 'void' || status === 'uncollectible')
    return refuse('illegal_transition', `An invoice that is ${status} takes no credit note`)
  if (amount === undefined || net === undefined || offDue === undefined) return undefined
  if (credited + amount > total || offDue > amount_due)
    return refuse('conflict', 'Credit notes cannot take back more than the invoice', {
      field: 'amount',
      left: total - credited,
    })
  for (const name of ['amount', 'net', 'off_due', 'seen']) delete input[name]
  const due = amount_due - offDue
  Object.assign(input, {
    credited: credited + amount,
    credited_subtotal: credited_subtotal + net,
    amount_due: due,
    ...(due === 0 && status !== 'paid'
      ? {
          status: 'paid',
          paid_at: new Date(context.now).toISOString(),
          collect_at: null,
          platform_fee: feeOn(invoice.subtotal - credited_subtotal - net, invoice.platform_fee_bp),
        }
      : {}),
  })
  return undefined
}

/** before rate_again: only from what was seen, so that late usage is billed once. */
export const rateInvoiceAgain: Behaviour = (context) => {
  const { input } = context
  if (Number(input['seen']) !== (invoiceOf(context).rated_through ?? 0))
    return refuse('conflict', 'Late usage of the period was billed meanwhile')
  delete input['seen']
  return undefined
}

/** before fall_overdue. */
export const fallOverdue: Behaviour = (context) => {
  Object.assign(context.input, { status: 'overdue', mail_due: true })
  return cannotBecome(invoiceOf(context).status, 'overdue')
}

/** before void: only an invoice that nothing was taken back of, as it is undone as a whole. */
export const voidInvoiceRecord: Behaviour = (context) => {
  const { status, credited } = invoiceOf(context)
  if (credited > 0)
    return refuse('conflict', 'The invoice has credit notes: take the rest back by another one')
  Object.assign(context.input, { status: 'void', amount_due: 0, mail_due: false, collect_at: null })
  return cannotBecome(status, 'void')
}

/** before write_off. */
export const writeOffInvoice: Behaviour = (context) => {
  Object.assign(context.input, { status: 'uncollectible', mail_due: false, collect_at: null })
  return cannotBecome(invoiceOf(context).status, 'uncollectible')
}

/** before invoice.update: records of money change by their named actions alone. */
export const keepRecord: Behaviour = ({ module }) =>
  refuse('illegal_transition', `A record of ${module} is never changed`)
