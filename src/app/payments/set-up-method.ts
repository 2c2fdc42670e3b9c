import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import { ownCall, timeText } from '../billing/dependencies.ts'
import { customerAt, noteMapping } from './customer-at.ts'
import { mappingOf, type PaymentDependencies } from './dependencies.ts'
import { offeredProvider } from './offered-provider.ts'
import type { SyncMethods } from './sync-methods.ts'

/** Somebody wants to leave a way to pay. */
export interface SetUpWish {
  readonly organizationId: string
  /** One of those that are offered; the active one unless given. */
  readonly provider?: string
}

/**
 * Makes the page on which an organization leaves a card without paying. Nothing is kept by it, nor by anybody coming back from it: what is
 * kept the provider alone can say.
 */
export type SetUpMethod = (wish: SetUpWish) => Promise<Outcome<{ provider: string; url: string }>>

const usualCurrency = 'usd'

/** Joins the organization with the page of the provider. */
export function createSetUpMethod(deps: PaymentDependencies): SetUpMethod {
  const { records, capabilities } = deps

  /** Pages for cards are about a currency, too: that of the plan. */
  async function currencyOf(organizationId: string): Promise<string> {
    const where = [{ field: 'organization_id', op: 'eq', value: organizationId }] as const
    const sort = { field: 'created_at', descending: true }
    const subscription = (await records.list('subscription', { where, sort, limit: 1 })).items[0]
    const plan = subscription === undefined ? undefined : await records.get('plan', subscription.plan_id)
    return (plan?.currency ?? usualCurrency).toLowerCase()
  }

  /** Remembers that a card may come, for the case that its message is lost. */
  async function note(provider: string, localId: string, externalId: string): Promise<void> {
    const known = await mappingOf(records, provider, 'setup', localId)
    if (known === undefined) return noteMapping(deps, provider, { entity: 'setup', localId, externalId })
    const input = { external_id: externalId }
    await deps.invoke(ownCall({ module: 'provider_mapping', action: 'update', id: known.id, input }))
  }

  return async ({ organizationId, provider: wanted }) => {
    const organization = await records.get('organization', organizationId)
    if (organization === undefined) return refuse('not_found', 'There is no such organization')
    const provider = await offeredProvider(deps, wanted)
    if (!provider.ok) return provider
    const customer = await customerAt(deps, provider.value, organization)
    if (!customer.ok) return customer
    const back = `${await deps.baseUrl()}/portal/payment-methods`
    const made = await capabilities.capability('payment', { provider: provider.value }).create_setup({
      customer_id: customer.value,
      currency: await currencyOf(organizationId),
      success_url: `${back}?card=left`,
      cancel_url: back,
    })
    if (!made.ok)
      return made.details?.['reason'] === 'not_offered'
        ? refuse('conflict', `${provider.value} keeps a card only of somebody who pays by it`, {
            reason: 'not_offered',
          })
        : made
    await note(provider.value, organizationId, made.value.setup_id)
    return accept({ provider: provider.value, url: made.value.url })
  }
}

/** Pages of providers are closed by then. */
const pageLifeMs = 2 * 86_400_000

/** Looks for cards that were left on pages whose message was lost; answers how many there were. */
export async function findLeftMethods(deps: PaymentDependencies, sync: SyncMethods): Promise<number> {
  const { records, clock, log } = deps
  let found = 0
  const where = [{ field: 'entity_type', op: 'eq', value: 'setup' }] as const
  for await (const { id, provider, local_id, updated_at } of records.each('provider_mapping', where)) {
    const synced = await sync(provider, local_id)
    if (synced.ok) found += synced.value.added
    else log.warn({ provider, reason: synced.message }, 'cards that are kept could not be read; tried again')
    const isOver = updated_at < timeText(clock.now() - pageLifeMs)
    if (synced.ok && isOver) await deps.invoke(ownCall({ module: 'provider_mapping', action: 'delete', id }))
  }
  return found
}
