import type { TaxCategory } from '@paddle/paddle-node-sdk'
import { accept, refuse } from '#contract/outcome.ts'
import type { OpenProviderCode, ProviderActions } from '#ports/capability/provider.ts'
import { listedCurrencies } from './listed-currencies.ts'
import { createOneAtATime } from './one-at-a-time.ts'
import { openPaddle } from './paddle-client.ts'
import { paddleCustomers } from './paddle-customers.ts'
import { paddlePayments } from './paddle-payments.ts'
import { isSignedByPaddle } from './paddle-signature.ts'

type Values = Readonly<Record<string, unknown>>

/** What Paddle's events are to us; of the others nothing follows. */
const meanings: Readonly<Record<string, string>> = {
  'subscription.activated': 'payment.subscription_updated',
  'subscription.canceled': 'payment.subscription_cancelled',
  'subscription.created': 'payment.subscription_created',
  'subscription.past_due': 'payment.subscription_updated',
  'subscription.paused': 'payment.subscription_updated',
  'subscription.resumed': 'payment.subscription_updated',
  'subscription.trialing': 'payment.subscription_updated',
  'subscription.updated': 'payment.subscription_updated',
  'transaction.canceled': 'payment.payment_failed',
  'transaction.completed': 'payment.payment_succeeded',
  'transaction.paid': 'payment.payment_succeeded',
  'transaction.past_due': 'payment.payment_failed',
  'transaction.payment_failed': 'payment.payment_failed',
}

function meaningOf(type: string, { action, origin }: Values): string | undefined {
  if (type.startsWith('adjustment.')) return action === 'refund' ? 'payment.refunded' : undefined
  // What a subscription of Paddle's is charged at its renewal was asked for by Paddle, not by us.
  const isRenewal = origin === 'subscription_recurring' && meanings[type] === 'payment.payment_succeeded'
  return isRenewal ? 'payment.invoice_paid' : meanings[type]
}

/** What to ask Paddle for after an event. */
function subjectOf(type: string, { id, transaction_id: transaction }: Values) {
  if (type.startsWith('transaction.') && typeof id === 'string') return { checkout_id: id }
  if (type.startsWith('adjustment.') && typeof transaction === 'string') return { payment_id: transaction }
  return {}
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value.trim() : '')

/** Payments through Paddle, which sells in its own name: it adds the taxes of the customer's country, takes them and pays them. */
export function createPaddlePayments(): OpenProviderCode<ProviderActions<'payment'>> {
  return async (host) => {
    const { config, clock } = host
    const paddle = await openPaddle(host)
    const oneAtATime = createOneAtATime()
    const secret = textOf(config['webhook_secret'])
    const taxCategory = (textOf(config['tax_category']) || 'standard') as TaxCategory
    const pages = { url: textOf(config['checkout_page']) || undefined, taxCategory }
    return {
      actions: {
        ...listedCurrencies(config),
        ...paddleCustomers(paddle, taxCategory, oneAtATime),
        ...paddlePayments(paddle, pages, oneAtATime),
        async handle_webhook({ raw = '', headers }) {
          // Anybody can sign with an empty secret.
          if (secret === '')
            return refuse('service_unavailable', 'payment.paddle.webhook_secret is not set', {
              reason: 'not_configured',
            })
          const given = (headers as Values | undefined)?.['paddle-signature']
          if (!isSignedByPaddle(secret, raw, given, clock.now()))
            return refuse('invalid_signature', 'The webhook has no signature that matches and is fresh')
          const { event_id: id, event_type: type, data } = objectIn(raw)
          if (typeof id !== 'string' || typeof type !== 'string' || typeof data !== 'object' || data === null)
            return refuse('invalid_request', 'The webhook has no event_id, event_type and data')
          const meaning = meaningOf(type, data as Values)
          return accept({
            event_id: id,
            event_type: meaning ?? type,
            processed: meaning !== undefined,
            ...subjectOf(type, data as Values),
            data,
          })
        },
      },
      test: () =>
        paddle.do(async () => {
          await paddle.transactions.list({ perPage: 1 }).next()
          return accept(undefined)
        }),
    }
  }
}

/** What was signed is what counts. */
function objectIn(raw: string): Values {
  try {
    const value: unknown = JSON.parse(raw)
    return typeof value === 'object' && value !== null ? (value as Values) : {}
  } catch {
    return {}
  }
}
