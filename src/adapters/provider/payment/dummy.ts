import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import type { OpenProviderCode, ProviderActions } from '#ports/capability/provider.ts'
import type { Invoke } from '#ports/invoke.ts'
import type { Records } from '#ports/records.ts'
import { createDummyCheckouts, isFinal, methodsOf, statusFor } from './dummy-checkouts.ts'
import { createDummyObjects, type DummyObject, type DummyObjects } from './dummy-objects.ts'
import { isSignedByDummy } from './dummy-signature.ts'
import { anotherAmount, moreThanLeft } from './payment-refusals.ts'
import { textOf, type Values, valuesIn } from './service-call.ts'
import { type ReadMessage, signedWebhook } from './signed-webhook.ts'

type Actions = ProviderActions<'payment'>

const known = new Set([
  'payment.subscription_updated',
  'payment.subscription_cancelled',
  'payment.payment_succeeded',
  'payment.payment_failed',
  'payment.invoice_paid',
  'payment.refunded',
  'payment.methods_changed',
])

/** Where its pages are: on the instance that asks for them, unless something else was said. */
const pageOn = (pageUrl: unknown, back: string): string =>
  typeof pageUrl === 'string' && pageUrl !== ''
    ? pageUrl
    : `${URL.canParse(back) ? new URL(back).origin : ''}/public/dummy-payment`

interface ExpiredPage {
  readonly checkout_id: string
  readonly status: 'open' | 'paid' | 'expired'
}

function customersAndPages(
  objects: DummyObjects,
  { page_url: pageUrl, checkout: mode }: Readonly<Record<string, unknown>>,
): Actions {
  const checkouts = createDummyCheckouts(objects)
  return {
    async create_customer({ email, name, idempotency_key: key }) {
      const made = await objects.make('customer', { email, name: name ?? null }, key)
      return made.ok ? accept({ customer_id: made.value.id }) : made
    },
    async create_price({ idempotency_key: key, ...price }) {
      const made = await objects.make('price', price, key)
      return made.ok ? accept({ price_id: made.value.id }) : made
    },
    set_price: ({ price_id: id, active }) =>
      objects.change('price', id, (data) => accept({ data: { ...data, active }, answer: { price_id: id } })),
    async create_checkout({ idempotency_key: key, ...checkout }) {
      const customer = await objects.find('customer', checkout.customer_id)
      if (!customer.ok) return customer
      const made = await objects.make('checkout', checkout, key)
      if (!made.ok) return made
      const { id } = made.value
      if (mode === 'at_once' && typeof checkout.amount === 'number') {
        const paid = await checkouts.decide(id, false)
        if (!paid.ok) return paid
      }
      return accept({ checkout_id: id, url: `${pageOn(pageUrl, checkout.success_url)}/${id}` })
    },
    async get_checkout({ checkout_id: id }) {
      const found = await objects.find('checkout', id)
      if (!found.ok) return found
      const { payment_id: paymentId, payment_status: status, reference } = found.value.data
      return accept({
        checkout_id: id,
        status: status === 'succeeded' ? 'paid' : found.value.data['expired'] === true ? 'expired' : 'open',
        ...(typeof paymentId === 'string' ? { payment_id: paymentId } : {}),
        ...(typeof reference === 'string' ? { reference } : {}),
      })
    },
    async create_setup(setup) {
      const customer = await objects.find('customer', setup.customer_id)
      if (!customer.ok) return customer
      const made = await objects.make('checkout', { ...setup, is_setup: true }, undefined)
      if (!made.ok) return made
      return accept({
        setup_id: made.value.id,
        url: `${pageOn(pageUrl, setup.success_url)}/${made.value.id}`,
      })
    },
    expire_checkout: ({ checkout_id: id }) =>
      objects.change('checkout', id, (data): Outcome<{ data: typeof data; answer: ExpiredPage }> => {
        if (isFinal(data['payment_status'])) {
          const status = data['payment_status'] === 'succeeded' ? 'paid' : 'open'
          return accept({ data, answer: { checkout_id: id, status } })
        }
        return accept({ data: { ...data, expired: true }, answer: { checkout_id: id, status: 'expired' } })
      }),
    async list_payment_methods({ customer_id: id }) {
      const customer = await objects.find('customer', id)
      return customer.ok ? accept({ methods: [...methodsOf(customer.value.data)] }) : customer
    },
    remove_payment_method: ({ customer_id: id, method_id: methodId }) =>
      objects.change('customer', id, (data) => {
        const methods = methodsOf(data).filter(({ method_id }) => method_id !== methodId)
        return accept({ data: { ...data, methods }, answer: { method_id: methodId } })
      }),
    async create_portal_link({ customer_id: id, return_url: back }) {
      const customer = await objects.find('customer', id)
      return customer.ok ? accept({ url: `${pageOn(pageUrl, back)}/portal/${customer.value.id}` }) : customer
    },
  }
}

const subscriptionOf = ({ id, data }: DummyObject) => ({
  subscription_id: id,
  customer_id: String(data['customer_id']),
  price_id: String(data['price_id']),
  status: String(data['status']),
})

function subscriptions(objects: DummyObjects): Actions {
  const change = (id: string, changes: Readonly<Record<string, unknown>>) =>
    objects.change(
      'subscription',
      id,
      (data): Outcome<{ data: typeof data; answer: { subscription_id: string; status: string } }> => {
        if (data['status'] === 'ended') return refuse('illegal_transition', 'The subscription has ended')
        const next = { ...data, ...changes }
        return accept({ data: next, answer: { subscription_id: id, status: String(next['status']) } })
      },
    )
  return {
    async create_subscription({
      customer_id: customerId,
      price_id: priceId,
      trial_days: days,
      idempotency_key: key,
    }) {
      const customer = await objects.find('customer', customerId)
      if (!customer.ok) return customer
      const paid = statusFor(String(customer.value.data['email'])) === 'succeeded'
      const status = (days ?? 0) > 0 ? 'trialing' : paid ? 'active' : 'incomplete'
      const data = { customer_id: customerId, price_id: priceId, status }
      const made = await objects.make('subscription', data, key)
      return made.ok ? accept({ subscription_id: made.value.id, status }) : made
    },
    change_subscription: ({ subscription_id: id, price_id: priceId }) => change(id, { price_id: priceId }),
    cancel_subscription: ({ subscription_id: id, at_period_end: atEnd }) =>
      change(id, { status: atEnd === false ? 'ended' : 'cancelled' }),
    async get_subscription({ subscription_id: id }) {
      const found = await objects.find('subscription', id)
      return found.ok ? accept(subscriptionOf(found.value)) : found
    },
  }
}

const declineOf = (status: string) => (status === 'failed' ? { decline_code: 'insufficient_funds' } : {})

type Refunds = Readonly<Record<string, { readonly id: string; readonly amount: number }>>

const refunded = (refunds: Refunds): number =>
  Object.values(refunds).reduce((sum, { amount }) => sum + amount, 0)

function paymentOf({ id, data }: DummyObject) {
  return {
    payment_id: id,
    customer_id: String(data['customer_id']),
    amount: Number(data['amount']),
    amount_refunded: refunded(data['refunds'] as Refunds),
    currency: String(data['currency']),
    status: data['status'] as ReturnType<typeof statusFor>,
    ...declineOf(data['status'] as string),
    ...(typeof data['reference'] === 'string' ? { reference: data['reference'] } : {}),
  }
}

function payments(objects: DummyObjects): Actions {
  return {
    async create_payment(wish) {
      const { customer_id: customerId, amount, currency, reference, idempotency_key: key } = wish
      const customer = await objects.find('customer', customerId)
      if (!customer.ok) return customer
      const { method_id: method } = wish
      if (method && !methodsOf(customer.value.data).some(({ method_id }) => method_id === method))
        return refuse('not_found', 'The dummy keeps no such payment method')
      const status = statusFor(String(customer.value.data['email']))
      const data = {
        customer_id: customerId,
        amount,
        currency,
        reference: reference ?? null,
        status,
        refunds: {},
      }
      const made = await objects.make('payment', data, key)
      if (!made.ok) return made
      return accept({ payment_id: made.value.id, status, ...declineOf(status) })
    },
    async get_payment({ payment_id: id }) {
      const found = await objects.find('payment', id)
      return found.ok ? accept(paymentOf(found.value)) : found
    },
    async list_payments({ from, to }) {
      const list = []
      for await (const one of objects.between('payment', from, to)) {
        const { customer_id: _customer, ...payment } = paymentOf(one)
        list.push({ ...payment, reference: one.data['reference'], at: one.at })
      }
      return accept({ payments: list })
    },
    async get_refund({ payment_id: id, refund_id: refundId }) {
      const found = await objects.find('payment', id)
      if (!found.ok) return found
      const refunds = Object.values(found.value.data['refunds'] as Refunds)
      const refund = refunds.find((one) => one.id === refundId)
      if (refund === undefined) return refuse('not_found', 'The dummy has no such refund')
      return accept({ refund_id: refund.id, amount: refund.amount, status: 'succeeded' })
    },
    refund_payment({ payment_id: id, amount, idempotency_key: key }) {
      type Answer = { refund_id: string; amount: number; status: string }
      return objects.change('payment', id, (data): Outcome<{ data: typeof data; answer: Answer }> => {
        const refunds = data['refunds'] as Refunds
        const before = Object.hasOwn(refunds, key) ? refunds[key] : undefined
        if (before !== undefined && amount !== undefined && amount !== null && amount !== before.amount)
          return anotherAmount
        if (before !== undefined)
          return accept({
            data,
            answer: { refund_id: before.id, amount: before.amount, status: 'succeeded' },
          })
        if (data['status'] !== 'succeeded')
          return refuse('illegal_transition', 'Only a payment that succeeded can be refunded')
        const left = Number(data['amount']) - refunded(refunds)
        const given = amount ?? left
        if (given < 1 || given > left) return moreThanLeft(left)
        const refund = { id: `${id}_refund_${Object.keys(refunds).length + 1}`, amount: given }
        const answer = { refund_id: refund.id, amount: given, status: 'succeeded' }
        return accept({ data: { ...data, refunds: { ...refunds, [key]: refund } }, answer })
      })
    },
  }
}

/**
 * Payments without money: everything that a payment service does, kept in the database, decided by nothing but the input. The same
 * idempotency key never does anything twice. Webhooks are signed as `dummy-signature`.
 */
export function createDummyPayments(deps: {
  readonly records: Records
  readonly invoke: Invoke
}): OpenProviderCode<Actions> {
  return ({ config, clock, ids }) => {
    const objects = createDummyObjects({ ...deps, ids })
    const secret = textOf(config['webhook_secret'])
    return {
      actions: {
        ...customersAndPages(objects, config),
        ...subscriptions(objects),
        ...payments(objects),
        ...signedWebhook({
          setting: 'payment.dummy.webhook_secret',
          secret,
          header: 'dummy-signature',
          isSigned: (raw, given) => isSignedByDummy(secret, raw, given, clock.now()),
          read: readDummyEvent,
        }),
      },
    }
  }
}

function readDummyEvent({ id, type, data }: Values): ReadMessage | undefined {
  if (typeof id !== 'string' || typeof type !== 'string') return undefined
  const { payment_id: paymentId, checkout_id: checkoutId } = valuesIn(data)
  const subject = {
    ...(typeof paymentId === 'string' ? { payment_id: paymentId } : {}),
    ...(typeof checkoutId === 'string' ? { checkout_id: checkoutId } : {}),
  }
  return { id, type, meaning: known.has(type) ? type : undefined, subject, data: valuesIn(data) }
}
