import type Stripe from 'stripe'
import { accept } from '#contract/outcome.ts'
import type { ProviderActions } from '#ports/capability/provider.ts'
import { anotherAmount, nothingToPay } from './payment-refusals.ts'
import { toStripeAmount } from './stripe-amount.ts'
import { atStripe, idOf, keyed } from './stripe-client.ts'

type Actions = ProviderActions<'payment'>
type Status = 'incomplete' | 'trialing' | 'active' | 'past_due' | 'cancelled' | 'ended'

const words: Readonly<Record<string, Status>> = {
  incomplete: 'incomplete',
  trialing: 'trialing',
  active: 'active',
  past_due: 'past_due',
  unpaid: 'past_due',
  paused: 'past_due',
  canceled: 'ended',
  incomplete_expired: 'ended',
}

function statusOf({ status, cancel_at_period_end: isLeaving }: Stripe.Subscription): Status {
  const word = words[status] ?? 'incomplete'
  return isLeaving && word !== 'ended' ? 'cancelled' : word
}

const answerOf = (subscription: Stripe.Subscription) =>
  accept({ subscription_id: subscription.id, status: statusOf(subscription) })

/** Customers, prices and the pages that Stripe shows them. */
export function stripeCustomers(stripe: Stripe): Actions {
  return {
    create_customer: ({ email, name, idempotency_key: key }) =>
      atStripe(async () => {
        const customer = await stripe.customers.create({ email, ...(name ? { name } : {}) }, keyed(key))
        return accept({ customer_id: customer.id })
      }),
    create_price: ({ name, amount, currency, interval, idempotency_key: key }) =>
      atStripe(async () => {
        const unit = toStripeAmount(amount, currency)
        if (!unit.ok) return unit
        const recurring = { interval: interval ?? 'month' }
        // Stripe forgets keys after a day, and prices by the name of ours never.
        const known = key ? (await stripe.prices.list({ lookup_keys: [key], limit: 1 })).data[0] : undefined
        if (known !== undefined)
          return known.unit_amount === unit.value ? accept({ price_id: known.id }) : anotherAmount
        const named = key ? { lookup_key: key } : {}
        const wish = { currency, unit_amount: unit.value, recurring, product_data: { name }, ...named }
        return accept({ price_id: (await stripe.prices.create(wish, keyed(key))).id })
      }),
    set_price: ({ price_id: id, active }) =>
      atStripe(async () => accept({ price_id: (await stripe.prices.update(id, { active })).id })),
    create_checkout: (wish) =>
      atStripe(async () => {
        const { customer_id: customer, price_id: price, amount, currency, reference } = wish
        const metadata = reference ? { reference } : {}
        const common = {
          customer,
          metadata,
          success_url: wish.success_url,
          cancel_url: wish.cancel_url,
          ...(reference ? { client_reference_id: reference } : {}),
        }
        if (price) {
          const line_items = [{ price, quantity: 1 }]
          const made = await stripe.checkout.sessions.create(
            { ...common, mode: 'subscription', line_items, subscription_data: { metadata } },
            keyed(wish.idempotency_key),
          )
          return accept({ checkout_id: made.id, url: made.url ?? '' })
        }
        if (!amount || !currency) return nothingToPay
        const unit = toStripeAmount(amount, currency)
        if (!unit.ok) return unit
        const product_data = { name: reference ? `Invoice (${reference})` : 'Invoice' }
        const line_items = [{ price_data: { currency, unit_amount: unit.value, product_data }, quantity: 1 }]
        // The card is kept, so that the next invoice can be collected without asking.
        const payment_intent_data = { metadata, setup_future_usage: 'off_session' as const }
        const made = await stripe.checkout.sessions.create(
          { ...common, mode: 'payment', line_items, payment_intent_data },
          keyed(wish.idempotency_key),
        )
        return accept({ checkout_id: made.id, url: made.url ?? '' })
      }),
    get_checkout: ({ checkout_id: id }) =>
      atStripe(async () => {
        const page = await stripe.checkout.sessions.retrieve(id)
        const payment = idOf(page.payment_intent)
        return accept({
          checkout_id: page.id,
          status: pageStatus(page),
          ...(payment === undefined ? {} : { payment_id: payment }),
          ...(page.client_reference_id === null ? {} : { reference: page.client_reference_id }),
        })
      }),
    expire_checkout: ({ checkout_id: id }) =>
      atStripe(async () => {
        const page = await stripe.checkout.sessions.retrieve(id)
        const now = page.status === 'open' ? await stripe.checkout.sessions.expire(id) : page
        return accept({ checkout_id: id, status: pageStatus(now) })
      }),
    create_setup: ({ customer_id: customer, currency, success_url, cancel_url }) =>
      atStripe(async () => {
        const wish = { mode: 'setup' as const, customer, currency, success_url, cancel_url }
        const page = await stripe.checkout.sessions.create(wish)
        return accept({ setup_id: page.id, url: page.url ?? '' })
      }),
    list_payment_methods: ({ customer_id: customer }) =>
      atStripe(async () => {
        const { data } = await stripe.customers.listPaymentMethods(customer, { limit: 50 })
        return accept({ methods: data.map(methodOf) })
      }),
    remove_payment_method: ({ method_id: id }) =>
      atStripe(async () => accept({ method_id: (await stripe.paymentMethods.detach(id)).id })),
    create_portal_link: ({ customer_id: customer, return_url }) =>
      atStripe(async () => {
        const page = await stripe.billingPortal.sessions.create({ customer, return_url })
        return accept({ url: page.url })
      }),
  }
}

const pageStatus = (page: Stripe.Checkout.Session): 'paid' | 'expired' | 'open' =>
  page.payment_status === 'paid' ? 'paid' : page.status === 'expired' ? 'expired' : 'open'

function methodOf({ id, type, card }: Stripe.PaymentMethod): object {
  if (card === undefined) return { method_id: id, kind: type }
  const { brand, last4, exp_month, exp_year } = card
  return { method_id: id, kind: type, brand, last4, exp_month, exp_year }
}

/** Subscriptions that Stripe keeps. */
export function stripeSubscriptions(stripe: Stripe): Actions {
  return {
    create_subscription: ({
      customer_id: customer,
      price_id: price,
      trial_days: days,
      idempotency_key: key,
    }) =>
      atStripe(async () => {
        const trial = days ? { trial_period_days: days } : {}
        const wish = { customer, items: [{ price }], ...trial }
        return answerOf(await stripe.subscriptions.create(wish, keyed(key)))
      }),
    change_subscription: ({ subscription_id: id, price_id: price }) =>
      atStripe(async () => {
        const now = await stripe.subscriptions.retrieve(id)
        const items = [{ id: now.items.data[0]?.id ?? '', price }]
        return answerOf(await stripe.subscriptions.update(id, { items }))
      }),
    cancel_subscription: ({ subscription_id: id, at_period_end: atEnd }) =>
      atStripe(async () =>
        answerOf(
          atEnd === false
            ? await stripe.subscriptions.cancel(id)
            : await stripe.subscriptions.update(id, { cancel_at_period_end: true }),
        ),
      ),
    get_subscription: ({ subscription_id: id }) =>
      atStripe(async () => {
        const found = await stripe.subscriptions.retrieve(id)
        return accept({
          subscription_id: found.id,
          customer_id: idOf(found.customer) ?? '',
          price_id: found.items.data[0]?.price.id ?? '',
          status: statusOf(found),
        })
      }),
  }
}
