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

const mostPages = 20
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

  /** The plan that was made for a key, which stands in its description: Paystack takes no keys. */
  async function planMadeFor(key: string): Promise<Outcome<string | undefined>> {
    for (let page = 1; page <= mostPages; page += 1) {
      const listed = await call('GET', `/plan?${new URLSearchParams({ perPage: '100', page: String(page) })}`)
      if (!listed.ok) return listed
      const plans = listed.value as Values[]
      const found = plans.find(({ description }) => description === key)
      if (found !== undefined || plans.length < 100)
        return accept(found === undefined ? undefined : String(found['plan_code']))
    }
    return accept(undefined)
  }

  return {
    async create_price({ name, amount, currency, interval, idempotency_key: key }) {
      const known = key ? await planMadeFor(key) : accept(undefined)
      if (!known.ok) return known
      if (known.value !== undefined) return accept({ price_id: known.value })
      const wish = { name, amount, currency: currency.toUpperCase(), ...(key ? { description: key } : {}) }
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
