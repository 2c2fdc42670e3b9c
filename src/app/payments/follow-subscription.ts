import { accept, type Outcome } from '#contract/outcome.ts'
import { servedStatuses } from '#domain/subscription-standing.ts'
import { ownCall } from '../billing/dependencies.ts'
import { localIdOf, mappingOf, type PaymentDependencies } from './dependencies.ts'

/**
 * Asks the provider about a subscription that it keeps itself, and notes which of ours it is: the one of the same organization to the same
 * plan. It grants nothing and moves no plan: what is owed is what our invoices say. Refuses where the provider could not be asked.
 */
export type FollowSubscription = (
  provider: string,
  subscriptionId: string,
) => Promise<Outcome<'changed' | 'unchanged' | 'unknown'>>

/** Keeps the note in provider_mapping for as long as the provider keeps the subscription. */
export function createFollowSubscription(deps: PaymentDependencies): FollowSubscription {
  const { records } = deps
  const entity = 'subscription'

  /** Which subscription of ours is of that customer and price. */
  async function ownOf(provider: string, customerId: string, priceId: string): Promise<string | undefined> {
    const organizationId = await localIdOf(records, provider, 'organization', customerId)
    const planId = await localIdOf(records, provider, 'plan', priceId)
    if (organizationId === undefined || planId === undefined) return undefined
    const where = [
      { field: 'organization_id', op: 'eq', value: organizationId },
      { field: 'plan_id', op: 'eq', value: planId },
      { field: 'status', op: 'in', value: [...servedStatuses] },
    ] as const
    return (await records.list('subscription', { where, limit: 1 })).items[0]?.id
  }

  async function forget(provider: string, localId: string): Promise<Outcome<'changed'>> {
    const note = await mappingOf(records, provider, entity, localId)
    if (note === undefined) return accept('changed')
    const gone = await deps.invoke(ownCall({ module: 'provider_mapping', action: 'delete', id: note.id }))
    return gone.ok || gone.code === 'not_found' ? accept('changed') : gone
  }

  return async (provider, subscriptionId) => {
    const service = deps.capabilities.capability('payment', { provider })
    const read = await service.get_subscription({ subscription_id: subscriptionId })
    if (!read.ok) return read.code === 'not_found' ? accept('unknown') : read
    const { customer_id: customerId, price_id: priceId, status } = read.value
    const known = await localIdOf(records, provider, entity, subscriptionId)
    if (status === 'ended') return known === undefined ? accept('unknown') : forget(provider, known)
    if (known !== undefined) return accept('unchanged')
    const own = await ownOf(provider, customerId, priceId)
    if (own === undefined) return accept('unknown')
    const input = { provider, entity_type: entity, local_id: own, external_id: subscriptionId }
    const made = await deps.invoke(ownCall({ module: 'provider_mapping', action: 'create', input }))
    if (made.ok) return accept('changed')
    // Somebody else was faster with the same news, or the customer has two of the same.
    return made.code === 'conflict' ? accept('unchanged') : made
  }
}
