import type { FrozenClock } from '#test/support/frozen-clock.ts'
import { lemonKey, lemonSecret, lemonSignature, startLemon } from '#test/support/lemon-double.ts'
import { lemonStoreId, lemonVariants } from '#test/support/lemon-store.ts'
import { paddleKey, paddleSecret, paddleSignature, startPaddle } from '#test/support/paddle-double.ts'
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
  /** The customer pays on a page; answers what the provider then has to tell, in its order. */
  pay(checkoutId: string): readonly string[]
  /** What is sent with a message. */
  headers(raw: string): Readonly<Record<string, string>>
}

const loopback = (provider: string, url: string) => ({
  [`payment.${provider}.base_url`]: url,
  [`payment.${provider}.allow_private`]: 'true',
})

const stripe: Rail = {
  provider: 'stripe',
  env: { STRIPE_API_KEY: stripeKey, STRIPE_WEBHOOK_SECRET: stripeSecret },
  async start(clock) {
    const double = await startStripe(clock)
    return {
      settings: loopback('stripe', double.url),
      pay(checkoutId) {
        const before = double.messages.length
        double.pay(checkoutId)
        return double.messages.slice(before).map(({ raw }) => raw)
      },
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
      pay(checkoutId) {
        const before = double.messages.length
        double.pay(checkoutId)
        return double.messages.slice(before).map(({ raw }) => raw)
      },
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
      pay(checkoutId) {
        const before = double.messages.length
        double.pay(checkoutId)
        return double.messages.slice(before).map(({ raw }) => raw)
      },
      headers: (raw) => ({ 'x-signature': lemonSignature(raw) }),
    }
  },
}

/** Every provider that takes money. */
export const rails: readonly Rail[] = [stripe, paddle, lemonsqueezy]
