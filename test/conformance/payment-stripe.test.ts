import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { providerHouse } from '#test/support/provider-house.ts'
import { startStripe, stripeKey, stripeSecret, stripeSignature } from '#test/support/stripe-double.ts'
import { paymentConformance } from './payment.ts'

async function open(secret: string | undefined = stripeSecret) {
  const opened = await providerHouse({ env: { PAYMENT_PROVIDER: 'stripe', STRIPE_API_KEY: stripeKey } })
  const stripe = await startStripe(opened.clock)
  await opened.set('payment.stripe.base_url', stripe.url)
  await opened.set('payment.stripe.allow_private', 'true')
  if (secret !== undefined) await opened.set('payment.stripe.webhook_secret', secret)
  return { ...opened, stripe, payment: opened.house.providers.capabilities.capability('payment') }
}

const events: Readonly<Record<string, string>> = { 'payment.invoice_paid': 'invoice.paid' }

paymentConformance('stripe', async () => {
  const { house, clock, stripe, payment } = await open()
  return {
    capabilities: house.providers.capabilities,
    emails: { good: 'ada@example.com', declined: 'decline@example.com' },
    async price() {
      const wish = { name: 'Starter', amount: 1_000, currency: 'usd', interval: 'month' } as const
      const made = await payment.create_price(wish)
      if (!made.ok) throw new Error(made.message)
      return made.value.price_id
    },
    async webhook(type) {
      stripe.tell(events[type] ?? type, { id: 'in_1', object: 'invoice' })
      const { raw } = stripe.message(events[type] ?? type)
      return { raw, headers: { 'stripe-signature': stripeSignature(raw, clock.now()) } }
    },
    pass: clock.advance,
  }
})

it('Stripe with an empty secret, or none, believes no webhook, also one that is signed with it', async () => {
  for (const secret of [undefined, ' ']) {
    const { payment, clock } = await open(secret)
    const raw = JSON.stringify({ id: 'evt_1', object: 'event', type: 'invoice.paid', data: { object: {} } })
    for (const empty of ['', ' ']) {
      const headers = { 'stripe-signature': stripeSignature(raw, clock.now(), empty) }
      expect(await payment.handle_webhook({ payload: {}, raw, headers })).toMatchObject({ ok: false })
    }
  }
})

it('a page at Stripe knows its invoice, and what it was paid by', async () => {
  const { payment, stripe } = await open()
  const customer = await payment.create_customer({ email: 'ada@example.com' })
  const wish = {
    customer_id: customer.ok ? customer.value.customer_id : '',
    amount: 6000,
    currency: 'usd',
    reference: 'pay_1',
    success_url: 'https://portal.example.com/done',
    cancel_url: 'https://portal.example.com',
    idempotency_key: 'k1',
  }
  const made = await payment.create_checkout(wish)
  expect(await payment.create_checkout(wish)).toEqual(made)
  const id = made.ok ? made.value.checkout_id : ''
  expect(await payment.get_checkout({ checkout_id: id })).toMatchObject({
    value: { status: 'open', reference: 'pay_1' },
  })
  const paymentId = stripe.pay(id)
  expect(await payment.get_checkout({ checkout_id: id })).toMatchObject({
    value: { status: 'paid', payment_id: paymentId },
  })
  expect(await payment.get_payment({ payment_id: paymentId })).toMatchObject({
    value: { amount: 6000, currency: 'usd', status: 'succeeded', reference: 'pay_1' },
  })
  const portal = await payment.create_portal_link({
    customer_id: wish.customer_id,
    return_url: wish.cancel_url,
  })
  expect(portal).toMatchObject({ ok: true })
})

it('Stripe that is down, or takes another key, is a provider that is down, and its key stands in no log', async () => {
  const { payment, house, set, lines, stripe } = await open()
  const test = async () => {
    const tested = await house.providers.catalogue.test({ name: 'stripe' })
    return tested.ok ? tested.value[0] : tested
  }
  await set('payment.stripe.api_key', 'sk_live_wrong')
  expect(await payment.create_customer({ email: 'a@example.com' })).toMatchObject({
    code: 'service_unavailable',
  })
  const error = 'Stripe answered 401: it does not know the key'
  expect(await test()).toMatchObject({ status: 'unavailable', error })
  await stripe.upstream.close()
  expect(await payment.create_customer({ email: 'a@example.com' })).toMatchObject({
    code: 'service_unavailable',
    message: `The payment provider stripe failed: Stripe (${new URL(stripe.url).host}) does not accept connections`,
  })
  expect(await test()).toMatchObject({
    status: 'unavailable',
    error: `Stripe (${new URL(stripe.url).host}) does not accept connections`,
  })
  expect(lines.join('\n')).not.toContain('sk_live_wrong')
})

/** The fields of each object that Stripe publishes with its API description. */
const published = JSON.parse(
  readFileSync(new URL('stripe-fields.json', import.meta.url), 'utf8'),
) as Readonly<Record<string, readonly string[]>>

it('the double answers with what Stripe publishes, and nothing of its own', async () => {
  const { payment, stripe } = await open()
  const customer = await payment.create_customer({ email: 'ada@example.com' })
  const customer_id = customer.ok ? customer.value.customer_id : ''
  const page = {
    customer_id,
    amount: 5,
    currency: 'usd',
    success_url: 'https://a.example',
    cancel_url: 'https://a.example',
  }
  const made = await payment.create_checkout(page)
  const id = made.ok ? made.value.checkout_id : ''
  const intent = stripe.object(stripe.pay(id))
  for (const one of [
    stripe.object(customer_id),
    stripe.object(id),
    intent,
    stripe.object(String(intent['latest_charge'])),
  ])
    expect(published[String(one['object'])]).toEqual(expect.arrayContaining(Object.keys(one)))
  const event = JSON.parse(stripe.message('payment_intent.succeeded').raw)
  expect(published['event']).toEqual(expect.arrayContaining(Object.keys(event)))
})
