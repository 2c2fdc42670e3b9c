import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import type { ProviderActions } from '#ports/capability/provider.ts'
import { type CallLemon, lemonObject, lemonObjects, lemonPath } from './lemonsqueezy-client.ts'
import type { OneAtATime } from './one-at-a-time.ts'
import { valuesIn } from './service-call.ts'

const words: Readonly<Record<string, string>> = {
  on_trial: 'trialing',
  active: 'active',
  paused: 'paused',
  past_due: 'past_due',
  unpaid: 'past_due',
  cancelled: 'cancelled',
  expired: 'ended',
}

function subscriptionOf(value: unknown) {
  const { id, attributes } = lemonObject(value)
  const word = String(attributes['status'])
  return {
    subscription_id: id,
    customer_id: String(attributes['customer_id']),
    price_id: String(attributes['variant_id']),
    status: words[word] ?? word,
  }
}

/** Customers, and the subscriptions that Lemon Squeezy starts on its own pages; its prices are variants, which are made in its dashboard. */
export function lemonCustomers(
  call: CallLemon,
  storeId: string,
  oneAtATime: OneAtATime,
): ProviderActions<'payment'> {
  async function customerBy(email: string): Promise<Outcome<string | undefined>> {
    const filter = new URLSearchParams({ 'filter[store_id]': storeId, 'filter[email]': email })
    const listed = await call('GET', `/v1/customers?${filter}`)
    return listed.ok ? accept(lemonObjects(listed.value)[0]?.id) : listed
  }

  async function changed(id: string, change: () => Promise<Outcome<unknown>>) {
    const done = await change()
    if (!done.ok) return done
    const { status } = subscriptionOf(done.value)
    return accept({ subscription_id: id, status })
  }

  return {
    // The same address is the same customer of a store.
    create_customer: ({ email, name }) =>
      oneAtATime(`customer ${email}`, async () => {
        const known = await customerBy(email)
        if (!known.ok) return known
        if (known.value !== undefined) return accept({ customer_id: known.value })
        const made = await call('POST', '/v1/customers', {
          type: 'customers',
          attributes: { name: name || email, email },
          relationships: { store: { data: { type: 'stores', id: storeId } } },
        })
        return made.ok ? accept({ customer_id: lemonObject(made.value).id }) : made
      }),
    async create_portal_link({ customer_id: id }) {
      const found = await call('GET', lemonPath('customers', id))
      if (!found.ok) return found
      const url = valuesIn(lemonObject(found.value).attributes['urls'])['customer_portal']
      return typeof url === 'string'
        ? accept({ url })
        : refuse('not_found', 'Lemon Squeezy has no portal for somebody who has bought nothing yet')
    },
    change_subscription: ({ subscription_id: id, price_id: variant }) =>
      changed(id, () =>
        call('PATCH', lemonPath('subscriptions', id), {
          type: 'subscriptions',
          id,
          attributes: { variant_id: Number(variant) },
        }),
      ),
    async cancel_subscription({ subscription_id: id, at_period_end: atEnd }) {
      if (atEnd === false)
        return refuse('validation_error', 'Lemon Squeezy ends subscriptions with their period', {
          field: 'at_period_end',
        })
      return changed(id, () => call('DELETE', lemonPath('subscriptions', id)))
    },
    async get_subscription({ subscription_id: id }) {
      const found = await call('GET', lemonPath('subscriptions', id))
      return found.ok ? accept(subscriptionOf(found.value)) : found
    },
  }
}
