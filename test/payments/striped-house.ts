import { expect, onTestFinished } from 'vitest'
import { frozenClock } from '#test/support/frozen-clock.ts'
import {
  type StripeMessage,
  startStripe,
  stripeKey,
  stripeSecret,
  stripeSignature,
} from '#test/support/stripe-double.ts'
import { startPaying } from './paying-house.ts'

/** An instance that is paid through the double of Stripe, ended with the test. */
export async function startStriped() {
  const stripe = await startStripe(frozenClock())
  const house = await startPaying(
    {
      'payment.stripe.base_url': stripe.url,
      'payment.stripe.allow_private': 'true',
      'payment.stripe.webhook_secret': stripeSecret,
    },
    { PAYMENT_PROVIDER: 'stripe', STRIPE_API_KEY: stripeKey },
  )
  onTestFinished(house.close)
  const deliver = async ({ raw }: StripeMessage) => {
    const answer = await house.ask('POST', '/webhooks/stripe', raw, {
      'stripe-signature': stripeSignature(raw, house.clock.now()),
    })
    expect(answer.status).toBe(200)
  }
  let payers = 0
  const offered = async (amount: bigint, country?: string) => {
    payers += 1
    const payer = await house.payer(`ada${payers}-${amount}@example.com`)
    if (country !== undefined)
      await house.create('billing_profiles', { organization_id: payer.organizationId, country })
    const invoice = await house.invoice(payer, amount)
    const { payment_id: id, checkout_url: url } = (await house.initiate(payer, { invoice_id: invoice.id }))
      .body.data
    return { payer, invoice, id, url, page: await house.externalId('checkout', id) }
  }
  /** An invoice that a new customer has paid on the page of Stripe. */
  const paid = async (amount: bigint, country?: string) => {
    const asked = await offered(amount, country)
    stripe.pay(asked.page)
    await deliver(stripe.message('checkout.session.completed'))
    await house.running.settle()
    expect((await house.invoiceNow(asked.invoice))?.status).toBe('paid')
    return asked
  }
  return { house, stripe, deliver, offered, paid }
}
