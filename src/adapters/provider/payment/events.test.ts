import { readFileSync } from 'node:fs'
import { EventName } from '@paddle/paddle-node-sdk'
import { describe, expect, test } from 'vitest'
import { readLemonEvent } from './lemonsqueezy-events.ts'
import { readPaddleEvent } from './paddle-events.ts'
import { readPaystackEvent } from './paystack-events.ts'
import type { Values } from './service-call.ts'
import type { ReadMessage } from './signed-webhook.ts'
import { readStripeEvent } from './stripe-events.ts'

/** What each provider publishes of its events, and a message of each. */
interface Published {
  readonly names: readonly string[]
  readonly read: (name: string) => ReadMessage | undefined
}

const stripeKinds: Readonly<Record<string, Values>> = {
  charge: { object: 'charge', id: 'ch_1', payment_intent: 'pi_1' },
  'charge.dispute': { object: 'dispute', id: 'dp_1' },
  'charge.refund': { object: 'refund', id: 're_1', payment_intent: 'pi_1' },
  'checkout.session': { object: 'checkout.session', id: 'cs_1' },
  'customer.subscription': { object: 'subscription', id: 'sub_1', customer: 'cus_1' },
  invoice: { object: 'invoice', id: 'in_1', parent: { subscription_details: { subscription: 'sub_1' } } },
  payment_intent: { object: 'payment_intent', id: 'pi_1' },
  payment_method: { object: 'payment_method', id: 'pm_1', customer: 'cus_1' },
  refund: { object: 'refund', id: 're_1', payment_intent: 'pi_1' },
}

/** Every event of the families that an endpoint at Stripe is told to send. */
const stripeNames = Object.entries({
  charge: ['refunded'],
  'charge.dispute': ['closed', 'created', 'funds_reinstated', 'funds_withdrawn', 'updated'],
  'charge.refund': ['updated'],
  'checkout.session': ['async_payment_failed', 'async_payment_succeeded', 'completed', 'expired'],
  'customer.subscription': [
    'created',
    'deleted',
    'paused',
    'pending_update_applied',
    'pending_update_expired',
    'resumed',
    'trial_will_end',
    'updated',
  ],
  invoice: ['paid', 'payment_failed'],
  payment_intent: [
    'amount_capturable_updated',
    'canceled',
    'created',
    'partially_funded',
    'payment_failed',
    'processing',
    'requires_action',
    'succeeded',
  ],
  payment_method: ['attached', 'automatically_updated', 'detached', 'updated'],
  refund: ['created', 'failed', 'updated'],
}).flatMap(([kind, ends]) => ends.map((end) => `${kind}.${end}`))

const lemonTypes = (name: string): Values => {
  if (name.startsWith('order')) return { type: 'orders', id: '1' }
  return name.startsWith('subscription_payment')
    ? { type: 'subscription-invoices', id: '1', attributes: { subscription_id: 5 } }
    : { type: name.startsWith('subscription') ? 'subscriptions' : 'license-keys', id: '1' }
}

const providers: Readonly<Record<string, Published>> = {
  stripe: {
    names: stripeNames,
    read: (type) =>
      readStripeEvent({ id: 'evt_1', type, data: { object: stripeKinds[type.replace(/\.[a-z_]+$/, '')] } }),
  },
  paddle: {
    names: Object.values(EventName),
    read: (type) =>
      readPaddleEvent({
        event_id: 'evt_1',
        event_type: type,
        data: { id: 'one_1', action: 'chargeback', transaction_id: 'txn_1' },
      }),
  },
  lemonsqueezy: {
    names: [
      'affiliate_activated',
      'license_key_created',
      'license_key_updated',
      'order_created',
      'order_refunded',
      'subscription_cancelled',
      'subscription_created',
      'subscription_expired',
      'subscription_paused',
      'subscription_payment_failed',
      'subscription_payment_recovered',
      'subscription_payment_refunded',
      'subscription_payment_success',
      'subscription_resumed',
      'subscription_unpaused',
      'subscription_updated',
    ],
    read: (name) => readLemonEvent({ meta: { event_name: name }, data: lemonTypes(name) }, name),
  },
  paystack: {
    names: [
      'charge.dispute.create',
      'charge.dispute.remind',
      'charge.dispute.resolve',
      'charge.success',
      'customeridentification.failed',
      'customeridentification.success',
      'dedicatedaccount.assign.failed',
      'dedicatedaccount.assign.success',
      'invoice.create',
      'invoice.payment_failed',
      'invoice.update',
      'paymentrequest.pending',
      'paymentrequest.success',
      'refund.failed',
      'refund.needs-attention',
      'refund.pending',
      'refund.processed',
      'refund.processing',
      'subscription.create',
      'subscription.disable',
      'subscription.expiring_cards',
      'subscription.not_renew',
      'transfer.failed',
      'transfer.reversed',
      'transfer.success',
    ],
    read: (event) =>
      readPaystackEvent(
        {
          event,
          data: {
            id: 5,
            subscription_code: 'SUB_1',
            transaction_reference: 't',
            ...(event.startsWith('charge') ? { reference: 't' } : {}),
            ...(event.startsWith('invoice') ? { transaction: { reference: 't' } } : {}),
          },
        },
        event,
      ),
  },
}

/** The events that docs/payments.md says are left alone, by provider; `price.*` is a family. */
const leftAlone = [
  ...readFileSync('docs/payments.md', 'utf8').matchAll(/^\| left alone: (\w+) \| ([^|]+) \| [^|]{20,} \|$/gm),
].flatMap(([, provider = '', names = '']) =>
  [...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => ({ provider, name })),
)
const isLeftAlone = (provider: string, event: string): boolean =>
  leftAlone.some(
    ({ provider: of, name }) =>
      of === provider && (name.endsWith('*') ? event.startsWith(name.slice(0, -1)) : name === event),
  )

describe.each(Object.entries(providers))('of the events that %s publishes', (provider, { names, read }) => {
  test.each(names)(
    '%s is followed, or stands in the documentation among those that are left alone',
    (name) => {
      const message = read(name)
      expect(message?.type).toBe(name)
      if (message?.meaning === undefined) return expect(isLeftAlone(provider, name)).toBe(true)
      expect(Object.values(message.subject).join(''), 'says what to ask for').not.toBe('')
      expect(isLeftAlone(provider, name), 'is followed and said to be left alone').toBe(false)
    },
  )
})

test('of apigate-providers every event of Stripe is followed', () => {
  for (const name of [
    'customer.subscription.created',
    'customer.subscription.updated',
    'customer.subscription.deleted',
    'invoice.paid',
    'invoice.payment_failed',
  ])
    expect(providers['stripe']?.read(name)?.meaning, name).toMatch(/^payment\./)
})
