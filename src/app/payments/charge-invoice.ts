import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import type { Rows } from '#contract/rows.gen.ts'
import { payableStatuses } from '#domain/billing/invoice-status.ts'
import { declineCode } from '#domain/payments/decline.ts'
import { ownCall, timeText } from '../billing/dependencies.ts'
import { isLasting } from './carry-out-refund.ts'
import { createChargeIn } from './charge-in.ts'
import type { ClosePages } from './close-pages.ts'
import { mappingOf, type PaymentDependencies } from './dependencies.ts'
import type { FollowPayment } from './follow-payment.ts'

/** The job that collects an invoice by the card that the customer keeps. */
export const chargeJob = 'payments.charge'

/** Who wants an invoice to be collected: the plan of tries, or the customer, by a card of their choice. */
export type ChargeWish = { readonly by: 'schedule' } | { readonly by: 'customer'; readonly methodId?: string }

/**
 * Takes what is due of an invoice from a card that the customer keeps, in one attempt that is asked for once however often and by how many
 * this is called. Answers the attempt as it stands then; undefined where there was nothing to do. Refuses where the provider could not be asked.
 */
export type ChargeInvoice = (
  invoiceId: string,
  wish: ChargeWish,
) => Promise<Outcome<Rows['payment'] | undefined>>

const hourMs = 3_600_000
const mostTries = 100
const keysLastMs = 20 * hourMs

/** Joins the invoice, the card and the provider. */
export function createChargeInvoice(
  deps: PaymentDependencies,
  follow: FollowPayment,
  closePages: Pick<ClosePages, 'ofInvoice'>,
): ChargeInvoice {
  const { records, capabilities, clock } = deps
  const chargeIn = createChargeIn(deps)

  const plan = (invoice: Rows['invoice'], atMs: number | null) =>
    deps.invoke(
      ownCall({
        module: 'invoice',
        action: 'plan_collection',
        id: invoice.id,
        input: {
          collect_at: atMs === null ? null : timeText(atMs),
          collect_failures: invoice.collect_failures,
        },
      }),
    )

  async function paymentsOf(invoice: Rows['invoice']): Promise<readonly Rows['payment'][]> {
    const { items } = await records.list('payment', {
      where: [{ field: 'invoice_id', op: 'eq', value: invoice.id }],
      sort: { field: 'created_at', descending: true },
      limit: mostTries,
    })
    return items
  }

  async function makeAttempt(
    invoice: Rows['invoice'],
    method: Rows['payment_method'],
    count: number,
    by: ChargeWish['by'],
  ): Promise<Outcome<Rows['payment']>> {
    const { id, organization_id, amount_due, currency } = invoice
    const charge = await chargeIn(method.provider, { amount: amount_due, currency })
    if (!charge.ok) return charge
    const origin = `saved:${id}:${count}`
    const input = {
      organization_id,
      invoice_id: id,
      provider: method.provider,
      method: 'saved',
      wanted_by: by,
      payment_method_id: method.id,
      ...charge.value,
      invoice_amount: amount_due,
      invoice_currency: currency,
      origin,
    }
    const made = await deps.invoke(ownCall({ module: 'payment', action: 'create', input }))
    const stored = await records.getBy('payment', 'origin', origin)
    if (stored === undefined) return made.ok ? refuse('conflict', 'The payment is gone') : made
    if (made.ok) deps.counts.attempt(stored.provider)
    return accept(stored)
  }

  /** What the provider says of an attempt; the same key is the same payment. */
  async function ask(attempt: Rows['payment']): Promise<Outcome<Rows['payment'] | undefined>> {
    const { id, provider, origin, organization_id, payment_method_id } = attempt
    const known = await mappingOf(records, provider, 'payment', id)
    if (known !== undefined) return followed(attempt, known.external_id)
    const forgotten = await findForgotten(attempt)
    if (!forgotten.ok) return forgotten
    if (forgotten.value !== undefined) return followed(attempt, forgotten.value)
    const customer = await mappingOf(records, provider, 'organization', organization_id)
    const method = await mappingOf(records, provider, 'payment_method', payment_method_id ?? '')
    if (customer === undefined || method === undefined) return decline(attempt, 'no_payment_method')
    const asked = await capabilities.capability('payment', { provider }).create_payment({
      customer_id: customer.external_id,
      method_id: method.external_id,
      amount: attempt.amount,
      currency: attempt.currency.toLowerCase(),
      reference: id,
      idempotency_key: origin,
    })
    if (asked.ok) return followed(attempt, asked.value.payment_id)
    if (!isLasting(asked)) return asked
    const { reason } = asked.details ?? {}
    return decline(attempt, declineCode(typeof reason === 'string' ? reason : asked.code))
  }

  /** Providers remember keys for a day: what was asked for before that, and whose answer was lost, is looked for by our reference. */
  async function findForgotten({
    id,
    provider,
    created_at,
  }: Rows['payment']): Promise<Outcome<string | undefined>> {
    const madeMs = Date.parse(created_at)
    if (clock.now() - madeMs < keysLastMs) return accept(undefined)
    const from = timeText(madeMs - hourMs)
    const listed = await capabilities
      .capability('payment', { provider })
      .list_payments({ from, to: timeText(clock.now() + hourMs) })
    if (!listed.ok) return listed
    const payments = listed.value.payments as readonly { payment_id: string; reference?: string | null }[]
    return accept(payments.find(({ reference }) => reference === id)?.payment_id)
  }

  async function followed(
    attempt: Rows['payment'],
    paymentId: string,
  ): Promise<Outcome<Rows['payment'] | undefined>> {
    const done = await follow(attempt.provider, { paymentId })
    return done.ok ? accept(await records.get('payment', attempt.id)) : done
  }

  async function decline(
    attempt: Rows['payment'],
    code: string,
  ): Promise<Outcome<Rows['payment'] | undefined>> {
    const input = { status: 'failed', decline_code: code }
    const done = await deps.invoke(ownCall({ module: 'payment', action: 'follow', id: attempt.id, input }))
    if (done.ok) deps.counts.failure(attempt.provider)
    return done.ok || done.code === 'illegal_transition'
      ? accept(await records.get('payment', attempt.id))
      : done
  }

  /** Somebody has paid, or begun to, on a page that was still open. */
  async function isPaidOtherwise({ id, amount_due }: Rows['invoice']): Promise<boolean> {
    const now = await records.get('invoice', id)
    if (now === undefined || !payableStatuses.includes(now.status) || now.amount_due !== amount_due)
      return true
    return (await paymentsOf(now)).some(({ status }) => status === 'processing')
  }

  async function giveUp(
    { id }: Rows['payment'],
    wish: ChargeWish,
  ): Promise<Outcome<Rows['payment'] | undefined>> {
    const input = { status: 'expired' }
    await deps.invoke(ownCall({ module: 'payment', action: 'follow', id, input }))
    return wish.by === 'schedule' ? accept(undefined) : refuse('conflict', 'This invoice is paid on a page')
  }

  return async (invoiceId, wish) => {
    const invoice = await records.get('invoice', invoiceId)
    if (invoice === undefined) return refuse('not_found', 'There is no such invoice')
    const isDue = invoice.collect_at !== null && Date.parse(invoice.collect_at) <= clock.now()
    if (wish.by === 'schedule' && !isDue) return accept(undefined)
    if (!payableStatuses.includes(invoice.status) || invoice.amount_due <= 0) {
      if (wish.by === 'schedule') return accept(undefined)
      return refuse('conflict', `Nothing has to be paid of an invoice that is ${invoice.status}`, {
        reason: 'not_payable',
      })
    }
    const payments = await paymentsOf(invoice)
    const saved = payments.filter(({ method }) => method === 'saved')
    const open = saved.find(({ status }) => status === 'requested' || status === 'processing')
    if (open !== undefined) return ask(open)
    if (payments.some(({ status }) => status === 'processing')) {
      if (wish.by === 'customer') return refuse('conflict', 'A payment of this invoice is on its way')
      await plan(invoice, clock.now() + hourMs)
      return accept(undefined)
    }
    if (saved.length >= mostTries) return refuse('conflict', 'This invoice was tried to be paid too often')
    const method = await methodFor(deps, invoice.organization_id, wish)
    if (!method.ok) {
      if (wish.by === 'customer') return method
      await plan(invoice, null)
      return accept(undefined)
    }
    const attempt = await makeAttempt(invoice, method.value, saved.length + 1, wish.by)
    if (!attempt.ok) return attempt
    // From here on nobody is led to a new page: whoever wants one sees the attempt.
    await closePages.ofInvoice(invoiceId)
    return (await isPaidOtherwise(invoice)) ? giveUp(attempt.value, wish) : ask(attempt.value)
  }
}

/** The card that is charged: the one that the customer names, else their default. */
async function methodFor(
  { records }: PaymentDependencies,
  organizationId: string,
  wish: ChargeWish,
): Promise<Outcome<Rows['payment_method']>> {
  const wanted = wish.by === 'customer' ? wish.methodId : undefined
  const { items } = await records.list('payment_method', {
    where: [
      { field: 'organization_id', op: 'eq', value: organizationId },
      { field: 'status', op: 'eq', value: 'active' },
      wanted === undefined
        ? { field: 'is_default', op: 'eq', value: true }
        : { field: 'id', op: 'eq', value: wanted },
    ],
    limit: 1,
  })
  const [method] = items
  if (method !== undefined) return accept(method)
  return wanted === undefined
    ? refuse('payment_required', 'No payment method is saved', { reason: 'no_payment_method' })
    : refuse('not_found', 'There is no such payment method')
}
