import type { FrozenClock } from '#test/support/frozen-clock.ts'
import { lemonKey, lemonSecret, lemonSignature, startLemon } from '#test/support/lemon-double.ts'
import { lemonStoreId, lemonVariants } from '#test/support/lemon-store.ts'
import { paddleKey, paddleSecret, paddleSignature, startPaddle } from '#test/support/paddle-double.ts'
import { paystackKey, paystackSignature, startPaystack } from '#test/support/paystack-double.ts'
import { startStripe, stripeKey, stripeSecret, stripeSignature } from '#test/support/stripe-double.ts'

/** A payment provider on loopback with the hands of a customer on its pages. */
export interface Rail {
  readonly provider: string
  readonly env: Readonly<Record<string, string>>
  start(clock: FrozenClock): Promise<RunningRail>
}

/** One that runs. */
export interface RunningRail {
  readonly settings: Readonly<Record<string, string>>
  /** What an operator enters for an account that takes another currency than the invoices have. */
  readonly quote?: Readonly<Record<string, string>>
  /** What the provider is asked for when 60.00 USD are owed. */
  readonly charge: { readonly amount: number; readonly currency: string }
  /** The customer pays on a page. */
  pay(checkoutId: string): void
  /** The provider does the refunds that wait there; where none wait it has done them at once. */
  finishRefunds?(): void
  /** Somebody gives a part back at the provider's own desk. */
  refundAtDesk?(paymentId: string, amount: number): void
  /** The payer contests it at their bank. */
  dispute?(paymentId: string, amount: number): void
  /** What the provider has to tell since it was asked last, in its order. */
  news(): readonly string[]
  /** What is sent with a message. */
  headers(raw: string): Readonly<Record<string, string>>
}

const loopback = (provider: string, url: string) => ({
  [`payment.${provider}.base_url`]: url,
  [`payment.${provider}.allow_private`]: 'true',
})

/** Tells each message once. */
function newsOf(messages: () => readonly string[]): () => readonly string[] {
  let told = 0
  return () => {
    const fresh = messages().slice(told)
    told += fresh.length
    return fresh
  }
}

const sixtyDollars = { amount: 6000, currency: 'USD' }

const stripe: Rail = {
  provider: 'stripe',
  env: { STRIPE_API_KEY: stripeKey, STRIPE_WEBHOOK_SECRET: stripeSecret },
  async start(clock) {
    const double = await startStripe(clock)
    return {
      settings: loopback('stripe', double.url),
      charge: sixtyDollars,
      pay: double.pay,
      refundAtDesk: double.refundAtDesk,
      dispute: double.dispute,
      news: newsOf(() => double.messages.map(({ raw }) => raw)),
      headers: (raw) => ({ 'stripe-signature': stripeSignature(raw, clock.now()) }),
    }
  },
}

const paddle: Rail = {
  provider: 'paddle',
  env: { PADDLE_API_KEY: paddleKey, PADDLE_WEBHOOK_SECRET: paddleSecret },
  async start(clock) {
    const double = await startPaddle(clock)
    // Paddle sells in its own name: what the customer pays it is more than what we asked for.
    double.account.taxPercent = 19
    return {
      settings: loopback('paddle', double.url),
      charge: sixtyDollars,
      pay: double.pay,
      news: newsOf(() => double.messages.map(({ raw }) => raw)),
      headers: (raw) => ({ 'paddle-signature': paddleSignature(raw, clock.now()) }),
    }
  },
}

const lemonsqueezy: Rail = {
  provider: 'lemonsqueezy',
  env: {
    LEMON_API_KEY: lemonKey,
    LEMON_STORE_ID: lemonStoreId,
    LEMON_VARIANT_ID: lemonVariants.invoices,
    LEMON_WEBHOOK_SECRET: lemonSecret,
  },
  async start(clock) {
    const double = await startLemon(clock)
    Object.assign(double.store, { taxPercent: 19, namesOrders: false })
    return {
      settings: loopback('lemonsqueezy', double.url),
      charge: sixtyDollars,
      pay: double.pay,
      news: newsOf(() => double.messages.map(({ raw }) => raw)),
      headers: (raw) => ({ 'x-signature': lemonSignature(raw) }),
    }
  },
}

const paystack: Rail = {
  provider: 'paystack',
  env: { PAYSTACK_SECRET_KEY: paystackKey, PAYSTACK_CURRENCIES: 'NGN' },
  async start(clock) {
    const double = await startPaystack(clock)
    return {
      settings: loopback('paystack', double.url),
      quote: {
        from_currency: 'USD',
        to_currency: 'NGN',
        rate: '1530.25',
        valid_until: '2027-01-01T00:00:00.000Z',
      },
      charge: { amount: 9_181_500, currency: 'NGN' },
      pay: double.pay,
      finishRefunds: () => double.finishRefunds('processed'),
      refundAtDesk: double.refundAtDesk,
      dispute: (paymentId) => double.dispute(paymentId),
      news: newsOf(() => double.messages),
      headers: (raw) => ({ 'x-paystack-signature': paystackSignature(raw) }),
    }
  },
}

/** Every provider that takes money. */
export const rails: readonly Rail[] = [stripe, paddle, lemonsqueezy, paystack]
