import { accept, type Refusal, refuse, refuseFields } from '#contract/outcome.ts'
import type { ProviderActions } from '#ports/capability/provider.ts'
import { anotherAmount } from './payment-refusals.ts'
import type { CallPaystack } from './paystack-client.ts'
import { oursOf, payerOf, referenceOf } from './paystack-payments.ts'
import type { Values } from './service-call.ts'

const mostPages = 20

/** Customers, the cards that they keep, and the pages that they pay on. */
export function paystackCustomers(call: CallPaystack): ProviderActions<'payment'> {
  return {
    async create_customer({ email, name }) {
      // The same address is the same customer at Paystack.
      const made = await call('POST', '/customer', { email, ...(name ? { first_name: name } : {}) })
      return made.ok ? accept({ customer_id: String((made.value as Values)['customer_code']) }) : made
    },
    async list_payment_methods({ customer_id: id }) {
      const found = await call('GET', `/customer/${encodeURIComponent(id)}`)
      if (!found.ok) return found
      const { authorizations } = found.value as Values
      const kept = Array.isArray(authorizations) ? (authorizations as Values[]) : []
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
          const { authorization_url: url } = made.value as Values
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
      const { status, metadata } = found.value as Values
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

function methodOf(one: Values): object {
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
  const known = before.value as Values
  if (known['amount'] !== amount || known['currency'] !== currency) return anotherAmount
  return known['status'] === 'success' ? refuse('conflict', 'It is paid already') : undefined
}
