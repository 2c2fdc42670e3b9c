import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import type { ProviderActions } from '#ports/capability/provider.ts'
import type { CallPaystack } from './paystack-client.ts'
import type { Values } from './service-call.ts'

type Status = 'incomplete' | 'active' | 'past_due' | 'cancelled' | 'ended'

const words: Readonly<Record<string, Status>> = {
  active: 'active',
  attention: 'past_due',
  'non-renewing': 'cancelled',
  cancelled: 'ended',
  completed: 'ended',
}

const statusOf = (word: unknown): Status => words[String(word)] ?? 'incomplete'
const at = (code: string): string => `/subscription/${encodeURIComponent(code)}`
const codeIn = (value: unknown, name: string): string => String((value as Values | null)?.[name] ?? '')

/** Prices and subscriptions that Paystack keeps; it moves none to another price, and ends none before its period does. */
export function paystackSubscriptions(call: CallPaystack): ProviderActions<'payment'> {
  /** The subscription of a customer to a plan, of which Paystack takes one. */
  async function known(customer: string, plan: string): Promise<Outcome<Values | undefined>> {
    const found = await call('GET', `/customer/${encodeURIComponent(customer)}`)
    if (!found.ok) return found
    const { subscriptions } = found.value as Values
    const all = Array.isArray(subscriptions) ? (subscriptions as Values[]) : []
    const isOver = (one: Values) => statusOf(one['status']) === 'ended'
    return accept(all.find((one) => codeIn(one['plan'], 'plan_code') === plan && !isOver(one)))
  }

  return {
    async create_price({ name, amount, currency, interval }) {
      const wish = { name, amount, currency: currency.toUpperCase() }
      const made = await call('POST', '/plan', {
        ...wish,
        interval: interval === 'year' ? 'annually' : 'monthly',
      })
      return made.ok ? accept({ price_id: codeIn(made.value, 'plan_code') }) : made
    },
    async create_subscription({ customer_id: customer, price_id: plan, trial_days: days }) {
      if (days) return refuse('validation_error', 'Paystack has no trials', { field: 'trial_days' })
      const before = await known(customer, plan)
      if (!before.ok) return before
      if (before.value !== undefined) {
        const { subscription_code: code, status } = before.value
        return accept({ subscription_id: String(code), status: statusOf(status) })
      }
      const made = await call('POST', '/subscription', { customer, plan })
      if (!made.ok) return made
      const { subscription_code: code, status } = made.value as Values
      return accept({ subscription_id: String(code), status: statusOf(status) })
    },
    async cancel_subscription({ subscription_id: code, at_period_end: atEnd }) {
      if (atEnd === false)
        return refuse('validation_error', 'Paystack ends subscriptions with their period', {
          field: 'at_period_end',
        })
      const found = await call('GET', at(code))
      if (!found.ok) return found
      const token = codeIn(found.value, 'email_token')
      const done = await call('POST', '/subscription/disable', { code, token })
      return done.ok ? accept({ subscription_id: code, status: 'cancelled' }) : done
    },
    async get_subscription({ subscription_id: code }) {
      const found = await call('GET', at(code))
      if (!found.ok) return found
      const { customer, plan, status } = found.value as Values
      return accept({
        subscription_id: code,
        customer_id: codeIn(customer, 'customer_code'),
        price_id: codeIn(plan, 'plan_code'),
        status: statusOf(status),
      })
    },
  }
}
