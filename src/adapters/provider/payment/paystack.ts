import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { accept, type Refusal, refuse, refuseFields } from '#contract/outcome.ts'
import type { OpenProviderCode, ProviderActions } from '#ports/capability/provider.ts'
import { listedCurrencies } from './listed-currencies.ts'
import { type CallPaystack, createCallPaystack, type PaystackData } from './paystack-client.ts'
import { oursOf, payerOf, paystackPayments, referenceOf } from './paystack-payments.ts'
import { paystackSubscriptions } from './paystack-subscriptions.ts'

type Actions = ProviderActions<'payment'>

const mostPages = 20

/** What Paystack's events are to us; of the others nothing follows. */
const meanings: Readonly<Record<string, string>> = {
  'charge.dispute.create': 'payment.disputed',
  'charge.dispute.remind': 'payment.disputed',
  'charge.dispute.resolve': 'payment.disputed',
  'charge.failed': 'payment.payment_failed',
  'charge.success': 'payment.payment_succeeded',
  'invoice.payment_failed': 'payment.payment_failed',
  'invoice.update': 'payment.invoice_paid',
  'refund.failed': 'payment.refunded',
  'refund.pending': 'payment.refunded',
  'refund.processed': 'payment.refunded',
  'refund.processing': 'payment.refunded',
  'subscription.create': 'payment.subscription_created',
  'subscription.disable': 'payment.subscription_cancelled',
  'subscription.not_renew': 'payment.subscription_updated',
}

function customersAndPages(call: CallPaystack): Actions {
  return {
    async create_customer({ email, name }) {
      // The same address is the same customer at Paystack.
      const made = await call('POST', '/customer', { email, ...(name ? { first_name: name } : {}) })
      return made.ok ? accept({ customer_id: String((made.value as PaystackData)['customer_code']) }) : made
    },
    async list_payment_methods({ customer_id: id }) {
      const found = await call('GET', `/customer/${encodeURIComponent(id)}`)
      if (!found.ok) return found
      const { authorizations } = found.value as PaystackData
      const kept = Array.isArray(authorizations) ? (authorizations as PaystackData[]) : []
      return accept({ methods: kept.filter((one) => one['reusable'] === true).map(methodOf) })
    },
    async remove_payment_method({ method_id: id }) {
      const gone = await call('POST', '/customer/authorization/deactivate', { authorization_code: id })
      return gone.ok ? accept({ method_id: id }) : gone
    },
    async create_checkout(wish) {
      const { customer_id: customer, amount, currency, reference: ours, idempotency_key: key } = wish
      if (!amount || !currency)
        return refuseFields([
          { field: 'amount', reason: 'is required with currency: Paystack has no page for prices' },
        ])
      const payer = await payerOf(call, customer)
      if (!payer.ok) return payer
      const first = referenceOf(key ?? ours ?? `${customer} ${amount} ${currency}`)
      const page = {
        email: payer.value.email,
        amount,
        currency: currency.toUpperCase(),
        callback_url: wish.success_url,
        metadata: { cancel_action: wish.cancel_url, ...(ours ? { reference: ours } : {}) },
      }
      for (let tries = 1; tries <= mostPages; tries += 1) {
        const reference = tries === 1 ? first : `${first}.${tries}`
        const made = await call('POST', '/transaction/initialize', { ...page, reference })
        if (made.ok) {
          const { authorization_url: url } = made.value as PaystackData
          return accept({ checkout_id: reference, url: String(url) })
        }
        if (made.details?.['reason'] !== 'duplicate') return made
        const problem = await notAgain(call, reference, page)
        if (problem !== undefined) return problem
      }
      return refuse('conflict', 'This page was asked for too often')
    },
    async get_checkout({ checkout_id: id }) {
      const found = await call('GET', `/transaction/verify/${encodeURIComponent(id)}`)
      if (!found.ok) return found
      const { status, metadata } = found.value as PaystackData
      const ours = oursOf(metadata)
      const reference = ours === undefined ? {} : { reference: ours }
      // A page that was left can be come back to: the payment of it is there once somebody has tried.
      const isOpen = status === 'abandoned' || status === 'ongoing' || status === 'pending'
      if (isOpen) return accept({ checkout_id: id, status: 'open', ...reference })
      return accept({
        checkout_id: id,
        status: status === 'success' ? 'paid' : 'open',
        payment_id: id,
        ...reference,
      })
    },
  }
}

function methodOf(one: PaystackData): object {
  const [month, year] = [Number(one['exp_month']), Number(one['exp_year'])]
  return {
    method_id: String(one['authorization_code']),
    kind: typeof one['channel'] === 'string' ? one['channel'] : 'card',
    brand: String(one['brand'] ?? '').slice(0, 40),
    last4: String(one['last4'] ?? '').slice(0, 10),
    ...(month > 0 && year > 0 ? { exp_month: month, exp_year: year } : {}),
  }
}

/** Why a page cannot be made anew. Paystack tells the address of a page once: one whose answer was lost nobody can come to any more. */
async function notAgain(
  call: CallPaystack,
  reference: string,
  { amount, currency }: { readonly amount: number; readonly currency: string },
): Promise<Refusal | undefined> {
  const before = await call('GET', `/transaction/verify/${encodeURIComponent(reference)}`)
  if (!before.ok) return before
  const known = before.value as PaystackData
  if (known['amount'] !== amount || known['currency'] !== currency)
    return refuse('idempotency_mismatch', 'This idempotency_key was used for another amount')
  return known['status'] === 'success' ? refuse('conflict', 'It is paid already') : undefined
}

/** Payments through Paystack, over plain HTTP. */
export function createPaystackPayments(): OpenProviderCode<Actions> {
  return (host) => {
    const call = createCallPaystack(host)
    const secret = String(host.config['secret_key']).trim()
    return {
      actions: {
        ...listedCurrencies(host.config),
        ...customersAndPages(call),
        ...paystackPayments(call),
        ...paystackSubscriptions(call),
        async handle_webhook({ raw = '', headers }) {
          // Anybody can sign with an empty secret.
          if (secret === '') return refuse('service_unavailable', 'payment.paystack.secret_key is not set')
          const given = (headers as PaystackData | undefined)?.['x-paystack-signature']
          if (!isSigned(secret, raw, given))
            return refuse('invalid_signature', 'The webhook has no signature that matches')
          const event = parsed(raw)
          const type = event?.['event']
          const data = event?.['data'] as PaystackData | null | undefined
          if (typeof type !== 'string' || typeof data !== 'object' || data === null)
            return refuse('invalid_request', 'The webhook has no event and data')
          const meaning = meanings[type]
          const reference = type.startsWith('refund') ? data['transaction_reference'] : data['reference']
          return accept({
            // Paystack numbers no events: the same bytes are the same event.
            event_id: createHash('sha256').update(raw).digest('hex'),
            event_type: meaning ?? type,
            processed: meaning !== undefined,
            ...(type.startsWith('charge.dispute') ? { dispute_id: String(data['id']) } : {}),
            ...(typeof reference === 'string' ? { payment_id: reference } : {}),
            data,
          })
        },
      },
      async test() {
        const balance = await call('GET', '/balance')
        return balance.ok ? accept(undefined) : balance
      },
    }
  }
}

function isSigned(secret: string, raw: string, given: unknown): boolean {
  if (typeof given !== 'string' || !/^[0-9a-f]{128}$/.test(given)) return false
  const expected = createHmac('sha512', secret).update(raw).digest()
  return timingSafeEqual(Buffer.from(given, 'hex'), expected)
}

/** What was signed is what counts. */
function parsed(raw: string): PaystackData | undefined {
  try {
    const value: unknown = JSON.parse(raw)
    return typeof value === 'object' && value !== null ? (value as PaystackData) : undefined
  } catch {
    return undefined
  }
}
