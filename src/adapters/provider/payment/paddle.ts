import type { TaxCategory } from '@paddle/paddle-node-sdk'
import { accept } from '#contract/outcome.ts'
import type { OpenProviderCode, ProviderActions } from '#ports/capability/provider.ts'
import { listedCurrencies } from './listed-currencies.ts'
import { createOneAtATime } from './one-at-a-time.ts'
import { paddleAdjustments } from './paddle-adjustments.ts'
import { openPaddle } from './paddle-client.ts'
import { paddleCustomers } from './paddle-customers.ts'
import { readPaddleEvent } from './paddle-events.ts'
import { paddlePayments } from './paddle-payments.ts'
import { isSignedByPaddle } from './paddle-signature.ts'
import { textOf } from './service-call.ts'
import { signedWebhook } from './signed-webhook.ts'

/** Payments through Paddle, which sells in its own name: it adds the taxes of the customer's country, takes them and pays them. */
export function createPaddlePayments(): OpenProviderCode<ProviderActions<'payment'>> {
  return async (host) => {
    const { config, clock } = host
    const paddle = await openPaddle(host)
    const oneAtATime = createOneAtATime()
    const secret = textOf(config['webhook_secret'])
    const taxCategory = (textOf(config['tax_category']) || 'standard') as TaxCategory
    const pages = { url: textOf(config['checkout_page']) || undefined, taxCategory }
    const adjustments = paddleAdjustments(paddle, oneAtATime, clock)
    return {
      actions: {
        ...listedCurrencies(config),
        ...paddleCustomers(paddle, taxCategory, oneAtATime),
        ...paddlePayments(paddle, pages, oneAtATime, adjustments),
        ...adjustments.actions,
        ...signedWebhook({
          setting: 'payment.paddle.webhook_secret',
          secret,
          header: 'paddle-signature',
          isSigned: (raw, given) => isSignedByPaddle(secret, raw, given, clock.now()),
          read: readPaddleEvent,
        }),
      },
      test: () =>
        paddle.do(async () => {
          await paddle.transactions.list({ perPage: 1 }).next()
          return accept(undefined)
        }),
    }
  }
}
