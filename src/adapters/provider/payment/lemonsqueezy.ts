import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { accept, refuse } from '#contract/outcome.ts'
import type { OpenProviderCode, ProviderActions } from '#ports/capability/provider.ts'
import type { Invoke } from '#ports/invoke.ts'
import type { Records } from '#ports/records.ts'
import { createCallLemon, type LemonValues, lemonPath } from './lemonsqueezy-client.ts'
import { lemonCustomers } from './lemonsqueezy-customers.ts'
import { lemonPayments } from './lemonsqueezy-payments.ts'
import { createOneAtATime } from './one-at-a-time.ts'

/** What Lemon Squeezy's events are to us; of the others nothing follows. */
const meanings: Readonly<Record<string, string>> = {
  order_created: 'payment.payment_succeeded',
  order_refunded: 'payment.refunded',
  subscription_cancelled: 'payment.subscription_cancelled',
  subscription_created: 'payment.subscription_created',
  subscription_expired: 'payment.subscription_cancelled',
  subscription_paused: 'payment.subscription_updated',
  subscription_payment_failed: 'payment.payment_failed',
  subscription_payment_recovered: 'payment.invoice_paid',
  subscription_payment_refunded: 'payment.refunded',
  subscription_payment_success: 'payment.invoice_paid',
  subscription_resumed: 'payment.subscription_updated',
  subscription_unpaused: 'payment.subscription_updated',
  subscription_updated: 'payment.subscription_updated',
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value.trim() : '')

/** Payments through Lemon Squeezy, over plain HTTP; it sells in its own name, adds the taxes of the customer's country and pays them. */
export function createLemonPayments({
  records,
  invoke,
}: {
  readonly records: Records
  readonly invoke: Invoke
}): OpenProviderCode<ProviderActions<'payment'>> {
  return (host) => {
    const { config, clock, ids } = host
    const call = createCallLemon(host)
    const oneAtATime = createOneAtATime()
    const secret = textOf(config['webhook_secret'])
    const shop = {
      storeId: textOf(config['store_id']),
      variantId: textOf(config['variant_id']),
      isTest: config['test_mode'] === true,
      now: () => clock.now(),
    }
    return {
      actions: {
        ...lemonCustomers(call, shop.storeId, oneAtATime),
        ...lemonPayments(call, shop, oneAtATime, { records, invoke, ids }),
        async handle_webhook({ raw = '', headers }) {
          // Anybody can sign with an empty secret.
          if (secret === '')
            return refuse('service_unavailable', 'payment.lemonsqueezy.webhook_secret is not set', {
              reason: 'not_configured',
            })
          if (!isSigned(secret, raw, (headers as LemonValues | undefined)?.['x-signature']))
            return refuse('invalid_signature', 'The webhook has no signature that matches')
          const { meta, data } = objectIn(raw)
          const type = valuesIn(meta)['event_name']
          if (typeof type !== 'string' || typeof data !== 'object' || data === null)
            return refuse('invalid_request', 'The webhook has no meta.event_name and data')
          const meaning = meanings[type]
          return accept({
            // Lemon Squeezy numbers no events: the same bytes are the same event.
            event_id: createHash('sha256').update(raw).digest('hex'),
            event_type: meaning ?? type,
            processed: meaning !== undefined,
            ...subjectOf(valuesIn(data), valuesIn(valuesIn(meta)['custom_data'])),
            data,
          })
        },
      },
      async test() {
        const store = await call('GET', lemonPath('stores', shop.storeId))
        return store.ok ? accept(undefined) : store
      },
    }
  }
}

/** What to ask Lemon Squeezy for after an event, and what we gave along on the page: the order itself does not say. */
function subjectOf({ type, id }: LemonValues, { reference }: LemonValues) {
  if (type !== 'orders' || typeof id !== 'string') return {}
  const isReference = typeof reference === 'string' && reference !== '' && reference.length <= 200
  return { payment_id: id, ...(isReference ? { reference } : {}) }
}

function isSigned(secret: string, raw: string, given: unknown): boolean {
  if (typeof given !== 'string' || !/^[0-9a-f]{64}$/.test(given)) return false
  return timingSafeEqual(Buffer.from(given, 'hex'), createHmac('sha256', secret).update(raw).digest())
}

const valuesIn = (value: unknown): LemonValues =>
  typeof value === 'object' && value !== null ? (value as LemonValues) : {}

/** What was signed is what counts. */
function objectIn(raw: string): LemonValues {
  try {
    return valuesIn(JSON.parse(raw))
  } catch {
    return {}
  }
}
