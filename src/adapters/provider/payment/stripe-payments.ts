import Stripe from 'stripe'
import { accept, Fault, type Outcome, refuse } from '#contract/outcome.ts'
import type { ProviderActions } from '#ports/capability/provider.ts'
import { anotherAmount } from './payment-refusals.ts'
import { fromStripeAmount, toStripeAmount } from './stripe-amount.ts'
import { atStripe, idOf, keyed } from './stripe-client.ts'

type Actions = ProviderActions<'payment'>
type Intent = Stripe.PaymentIntent

const mostListed = 20_000

/** How a payment stands: one that waits for a card after a decline has failed, one that waits for its first is on its way. */
function statusOf({ status, last_payment_error: error }: Intent): 'processing' | 'succeeded' | 'failed' {
  if (status === 'succeeded') return 'succeeded'
  const isOver = status === 'canceled' || (status === 'requires_payment_method' && error !== null)
  return isOver ? 'failed' : 'processing'
}

function paymentOf(intent: Intent) {
  const { id, currency, metadata } = intent
  const status = statusOf(intent)
  const charge = typeof intent.latest_charge === 'object' ? intent.latest_charge : null
  const customer = idOf(intent.customer)
  const reference = metadata['reference']
  const declined = status === 'failed' ? declineOf(intent.last_payment_error) : undefined
  return {
    payment_id: id,
    ...(customer === undefined ? {} : { customer_id: customer }),
    amount: fromStripeAmount(status === 'succeeded' ? intent.amount_received : intent.amount, currency),
    amount_refunded: fromStripeAmount(charge?.amount_refunded ?? 0, currency),
    currency,
    status,
    ...(reference === undefined ? {} : { reference }),
    ...(declined === undefined ? {} : { decline_code: declined }),
  }
}

/** What the bank says, else what Stripe says. */
const declineOf = (error: { readonly decline_code?: string; readonly code?: string } | null) =>
  error?.decline_code ?? error?.code

/** The card that a customer keeps at Stripe: the one they chose for invoices, else the last one. */
async function cardOf(stripe: Stripe, customerId: string): Promise<Outcome<string>> {
  const customer = await stripe.customers.retrieve(customerId)
  if (customer.deleted) return refuse('not_found', 'Stripe has no such customer any more')
  const chosen = idOf(customer.invoice_settings.default_payment_method)
  if (chosen !== undefined) return accept(chosen)
  const [last] = (await stripe.customers.listPaymentMethods(customerId, { limit: 1 })).data
  if (last !== undefined) return accept(last.id)
  return refuse('payment_required', 'The customer keeps no card', { reason: 'no_payment_method' })
}

/** One-off payments and refunds. */
export function stripePayments(stripe: Stripe): Actions {
  return {
    create_payment: (wish) =>
      atStripe(async () => {
        const { customer_id: customer, currency, reference, idempotency_key: key } = wish
        const amount = toStripeAmount(wish.amount, currency)
        if (!amount.ok) return amount
        const card = wish.method_id ? accept(wish.method_id) : await cardOf(stripe, customer)
        if (!card.ok) return card
        try {
          const intent = await stripe.paymentIntents.create(
            {
              amount: amount.value,
              currency,
              customer,
              payment_method: card.value,
              confirm: true,
              off_session: true,
              metadata: reference ? { reference } : {},
            },
            keyed(key),
          )
          return accept({ payment_id: intent.id, status: statusOf(intent) })
        } catch (error) {
          const declined = declinedIn(error)
          if (declined === undefined) throw error
          const code = declineOf(declined.last_payment_error)
          return accept({
            payment_id: declined.id,
            status: 'failed' as const,
            ...(code === undefined ? {} : { decline_code: code }),
          })
        }
      }),
    get_payment: ({ payment_id: id }) =>
      atStripe(async () =>
        accept(paymentOf(await stripe.paymentIntents.retrieve(id, { expand: ['latest_charge'] }))),
      ),
    list_payments: ({ from, to }) =>
      atStripe(async () => {
        const payments: object[] = []
        for await (const intent of stripe.paymentIntents.list(madeIn(from, to))) {
          if (payments.length >= mostListed)
            throw new Fault('service_unavailable', 'too many payments at once')
          const { customer_id: _customer, amount_refunded: _refunded, ...payment } = paymentOf(intent)
          payments.push({ ...payment, at: new Date(intent.created * 1000).toISOString() })
        }
        return accept({ payments })
      }),
    refund_payment: ({ payment_id: id, amount, idempotency_key: key }) =>
      atStripe(async () => {
        const intent = await stripe.paymentIntents.retrieve(id)
        const part = amount ? toStripeAmount(amount, intent.currency) : undefined
        if (part !== undefined && !part.ok) return part
        // Stripe forgets keys after a day, and its objects never.
        const { data } = await stripe.refunds.list({ payment_intent: id, limit: 100 })
        const known = data.find(({ metadata }) => metadata?.['key'] === key)
        if (known !== undefined) return sameRefund(known, part?.value)
        const amountOf = part === undefined ? {} : { amount: part.value }
        const wish = { payment_intent: id, metadata: { key }, ...amountOf }
        const refund = await stripe.refunds.create(wish, keyed(key))
        return accept(refundOf(refund))
      }),
    list_refunds: ({ from, to }) =>
      atStripe(async () => {
        const refunds: object[] = []
        for await (const { id, payment_intent } of stripe.refunds.list(madeIn(from, to))) {
          if (refunds.length >= mostListed) throw new Fault('service_unavailable', 'too many refunds at once')
          refunds.push({ refund_id: id, payment_id: idOf(payment_intent) })
        }
        return accept({ refunds })
      }),
    list_disputes: ({ from, to }) =>
      atStripe(async () => {
        const disputes: object[] = []
        for await (const { id } of stripe.disputes.list(madeIn(from, to))) {
          if (disputes.length >= mostListed)
            throw new Fault('service_unavailable', 'too many disputes at once')
          disputes.push({ dispute_id: id })
        }
        return accept({ disputes })
      }),
    get_dispute: ({ dispute_id: id }) =>
      atStripe(async () => {
        const { payment_intent, amount, currency, status, reason } = await stripe.disputes.retrieve(id)
        const payment = idOf(payment_intent)
        if (payment === undefined) return refuse('not_found', 'The dispute is about no payment of ours')
        return accept({
          dispute_id: id,
          payment_id: payment,
          amount: fromStripeAmount(amount, currency),
          currency,
          status: disputeStatus(status),
          reason,
        })
      }),
    get_refund: ({ refund_id: id }) =>
      atStripe(async () => accept(refundOf(await stripe.refunds.retrieve(id)))),
  }
}

/** A question of the bank (`warning_...`) holds no money back. */
function disputeStatus(word: string): 'inquiry' | 'open' | 'won' | 'lost' {
  if (word === 'won' || word === 'lost') return word
  return word.startsWith('warning_') || word === 'prevented' ? 'inquiry' : 'open'
}

const sameRefund = (known: Stripe.Refund, amount: number | undefined) =>
  amount === undefined || amount === known.amount ? accept(refundOf(known)) : anotherAmount

const refundOf = ({ id, amount, currency, status }: Stripe.Refund) => ({
  refund_id: id,
  amount: fromStripeAmount(amount, currency),
  status: status ?? 'pending',
})

const madeIn = (from: string, to: string) => ({
  created: { gte: secondsOf(from), lt: secondsOf(to) },
  limit: 100,
})

const secondsOf = (time: string): number => Math.floor(Date.parse(time) / 1000)

/** The payment that a decline leaves behind. */
function declinedIn(error: unknown): Intent | undefined {
  return error instanceof Stripe.errors.StripeCardError ? error.payment_intent : undefined
}
