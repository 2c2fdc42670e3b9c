import { accept, type Outcome, type Refusal, refuse } from '#contract/outcome.ts'
import type { Rows } from '#contract/rows.gen.ts'
import { payableStatuses } from '#domain/billing/invoice-status.ts'
import { ownCall } from '../billing/dependencies.ts'
import { createChargeIn, quoteHolds } from './charge-in.ts'
import type { ClosePages } from './close-pages.ts'
import { customerAt, noteMapping } from './customer-at.ts'
import type { PaymentDependencies } from './dependencies.ts'
import { offeredProvider } from './offered-provider.ts'

/** Somebody wants to pay an invoice of their organization. */
export interface PaymentWish {
  readonly organizationId: string
  readonly invoiceId: string
  /** One of those that are offered; the active one unless given. */
  readonly provider?: string
}

/** A page of the provider, and the payment that is expected from it. */
export interface PaymentOffer {
  readonly payment: Rows['payment']
  readonly url: string
}

/**
 * Makes the page on which an open invoice can be paid; the same page for as long as it is good. Nothing becomes paid by it, nor by anybody
 * coming back from it: that the provider alone can say.
 */
export type InitiatePayment = (wish: PaymentWish) => Promise<Outcome<PaymentOffer>>

const missing = refuse('not_found', 'There is no such invoice')
const pageLifeMs = 12 * 60 * 60_000

/** Joins the invoice, the customer at the provider, and the page. */
export function createInitiatePayment(
  deps: PaymentDependencies,
  closePages: Pick<ClosePages, 'one'>,
): InitiatePayment {
  const { records, capabilities, clock } = deps
  const chargeIn = createChargeIn(deps)

  /** The payment that is waited for, or a new one; what was asked for too long ago or about another amount is given up. */
  async function expectedPayment(
    invoice: Rows['invoice'],
    provider: string,
  ): Promise<Outcome<Rows['payment']>> {
    const { items } = await records.list('payment', {
      where: [
        { field: 'invoice_id', op: 'eq', value: invoice.id },
        { field: 'method', op: 'eq', value: 'checkout' },
      ],
      sort: { field: 'created_at', descending: true },
      limit: 100,
    })
    const running = items.find(({ status }) => status === 'processing')
    if (running !== undefined) return onItsWay(running.id)
    const own = items.filter((one) => one.provider === provider)
    for (const waiting of own.filter(({ status }) => status === 'requested')) {
      const isGood =
        waiting.invoice_amount === invoice.amount_due &&
        clock.now() - Date.parse(waiting.created_at) < pageLifeMs &&
        (await quoteHolds(deps, waiting.fx_quote_id))
      if (isGood) return accept(waiting)
      await closePages.one(waiting)
    }
    if (own.length >= mostPayments) return tooMany
    return makePayment(invoice, provider, own.length + 1)
  }

  async function makePayment(
    invoice: Rows['invoice'],
    provider: string,
    count: number,
  ): Promise<Outcome<Rows['payment']>> {
    const { id, organization_id, amount_due, currency } = invoice
    const charge = await chargeIn(provider, { amount: amount_due, currency })
    if (!charge.ok) return charge
    const origin = `checkout:${id}:${provider}:${count}`
    const input = {
      organization_id,
      invoice_id: id,
      provider,
      method: 'checkout',
      ...charge.value,
      invoice_amount: amount_due,
      invoice_currency: currency,
      origin,
    }
    const made = await deps.invoke(ownCall({ module: 'payment', action: 'create', input }))
    const stored = await records.getBy('payment', 'origin', origin)
    if (made.ok) deps.counts.attempt(provider)
    if (stored !== undefined) return accept(stored)
    return made.ok ? refuse('conflict', 'The payment is gone') : made
  }

  async function offer(payment: Rows['payment'], customerId: string): Promise<Outcome<PaymentOffer>> {
    if (payment.checkout_url !== null) return accept({ payment, url: payment.checkout_url })
    const back = `${await deps.baseUrl()}/portal/invoices/${payment.invoice_id}`
    const made = await capabilities.capability('payment', { provider: payment.provider }).create_checkout({
      customer_id: customerId,
      amount: payment.amount,
      currency: payment.currency.toLowerCase(),
      reference: payment.id,
      success_url: `${back}?payment=made`,
      cancel_url: back,
      idempotency_key: payment.id,
    })
    if (!made.ok) return made
    await noteMapping(deps, payment.provider, {
      entity: 'checkout',
      localId: payment.id,
      externalId: made.value.checkout_id,
    })
    const input = { checkout_url: made.value.url }
    const noted = await deps.invoke(ownCall({ module: 'payment', action: 'offer', id: payment.id, input }))
    if (!noted.ok) return noted
    const now = await records.get('payment', payment.id)
    if (now?.status === 'requested') return accept({ payment, url: made.value.url })
    // A card was charged while the page was made.
    if (now !== undefined) await closePages.one(now)
    return onItsWay(payment.id)
  }

  /** A kept card that is being charged for the same invoice. */
  async function charging(invoiceId: string): Promise<Rows['payment'] | undefined> {
    const { items } = await records.list('payment', {
      where: [
        { field: 'invoice_id', op: 'eq', value: invoiceId },
        { field: 'method', op: 'eq', value: 'saved' },
        { field: 'status', op: 'in', value: ['requested', 'processing'] },
      ],
      limit: 1,
    })
    return items[0]
  }

  return async ({ organizationId, invoiceId, provider: wanted }) => {
    const invoice = await records.get('invoice', invoiceId)
    if (invoice === undefined || invoice.organization_id !== organizationId || invoice.status === 'draft')
      return missing
    const refusal = notPayable(invoice)
    if (refusal !== undefined) return refusal
    const organization = await records.get('organization', organizationId)
    if (organization === undefined) return missing
    const provider = await offeredProvider(deps, wanted)
    if (!provider.ok) return provider
    const customer = await customerAt(deps, provider.value, organization)
    if (!customer.ok) return customer
    const payment = await expectedPayment(invoice, provider.value)
    if (!payment.ok) return payment
    const charged = await charging(invoiceId)
    return charged === undefined ? offer(payment.value, customer.value) : onItsWay(charged.id)
  }
}

const onItsWay = (id: string): Refusal =>
  refuse('conflict', 'A payment of this invoice is on its way', { payment_id: id })

const mostPayments = 100
const tooMany = refuse('conflict', 'This invoice was tried to be paid too often; ask the operator')

function notPayable({ status, amount_due }: Rows['invoice']): Refusal | undefined {
  if (payableStatuses.includes(status) && amount_due > 0) return undefined
  return refuse('conflict', `Nothing has to be paid of an invoice that is ${status}`, {
    reason: 'not_payable',
  })
}
