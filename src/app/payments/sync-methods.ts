import { accept, type Outcome } from '#contract/outcome.ts'
import { ownCall, timeText } from '../billing/dependencies.ts'
import { localIdOf, mappingOf, type PaymentDependencies } from './dependencies.ts'

/** The job that looks which cards a customer keeps at a provider. */
export const methodsJob = 'payments.methods'
/** The job that lets a provider forget a card. */
export const detachJob = 'payments.detach'

/** Brings what we know of a customer's cards at a provider to what the provider keeps. */
export type SyncMethods = (
  provider: string,
  organizationId: string,
) => Promise<Outcome<{ readonly added: number }>>

interface KeptMethod {
  readonly method_id: string
  readonly kind?: string
  readonly brand?: string
  readonly last4?: string
  readonly exp_month?: number
  readonly exp_year?: number
}

const mostMethods = 50

/** Cards are told apart by the ids of the provider, which stand in provider_mapping alone. */
export function createSyncMethods(deps: PaymentDependencies): SyncMethods {
  const { records, capabilities } = deps

  async function add(provider: string, organizationId: string, kept: KeptMethod): Promise<Outcome<number>> {
    const { kind = 'card', brand = '', last4 = '' } = kept
    const input = {
      organization_id: organizationId,
      provider,
      kind,
      brand,
      last4,
      label: [brand, last4].filter((part) => part !== '').join(' '),
      external_id: kept.method_id,
      ...expiryOf(kept),
    }
    const made = await deps.invoke(ownCall({ module: 'payment_method', action: 'create', input }))
    if (made.ok) return accept(1)
    const known = await localIdOf(records, provider, 'payment_method', kept.method_id)
    return known === undefined ? made : accept(0)
  }

  async function dropOthers(
    provider: string,
    organizationId: string,
    kept: readonly KeptMethod[],
  ): Promise<void> {
    const where = [
      { field: 'organization_id', op: 'eq', value: organizationId },
      { field: 'provider', op: 'eq', value: provider },
      { field: 'status', op: 'eq', value: 'active' },
    ] as const
    for await (const { id } of records.each('payment_method', where)) {
      const mapped = await mappingOf(records, provider, 'payment_method', id)
      if (mapped === undefined || kept.some(({ method_id }) => method_id === mapped.external_id)) continue
      const input = { status: 'removed', is_default: false }
      await deps.invoke(ownCall({ module: 'payment_method', action: 'update', id, input }))
    }
  }

  return async (provider, organizationId) => {
    const customer = await mappingOf(records, provider, 'organization', organizationId)
    if (customer === undefined) return accept({ added: 0 })
    const service = capabilities.capability('payment', { provider })
    const listed = await service.list_payment_methods({ customer_id: customer.external_id })
    // Not every provider keeps cards for us.
    if (!listed.ok) return listed.details?.['reason'] === 'not_offered' ? accept({ added: 0 }) : listed
    const kept = (listed.value.methods as KeptMethod[]).slice(0, mostMethods)
    let added = 0
    for (const one of kept) {
      if ((await localIdOf(records, provider, 'payment_method', one.method_id)) !== undefined) continue
      const done = await add(provider, organizationId, one)
      if (!done.ok) return done
      added += done.value
    }
    await dropOthers(provider, organizationId, kept)
    return accept({ added })
  }
}

/** The end of the month that a card is good for. */
function expiryOf({ exp_month: month, exp_year: year }: KeptMethod): { expires_at?: string } {
  if (month === undefined || year === undefined) return {}
  const endMs = Date.UTC(year, month, 1) - 1000
  return Number.isFinite(endMs) ? { expires_at: timeText(endMs) } : {}
}

/** Lets the provider forget a card that was removed; what it does not know any more is forgotten. */
export function createDetachMethod(deps: PaymentDependencies): (id: string) => Promise<Outcome<unknown>> {
  const { records, capabilities } = deps
  return async (id) => {
    const method = await records.get('payment_method', id)
    if (method === undefined || !method.detach_due) return accept(undefined)
    const { provider, organization_id } = method
    const mapped = await mappingOf(records, provider, 'payment_method', id)
    const customer = await mappingOf(records, provider, 'organization', organization_id)
    if (mapped !== undefined && customer !== undefined) {
      const service = capabilities.capability('payment', { provider })
      const gone = await service.remove_payment_method({
        customer_id: customer.external_id,
        method_id: mapped.external_id,
      })
      if (!gone.ok && gone.code === 'service_unavailable' && gone.details?.['reason'] !== 'not_offered')
        return gone
    }
    return deps.invoke(ownCall({ module: 'payment_method', action: 'detached', id }))
  }
}
