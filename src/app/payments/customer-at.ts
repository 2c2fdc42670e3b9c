import { accept, type Outcome, refuseFields } from '#contract/outcome.ts'
import type { Rows } from '#contract/rows.gen.ts'
import { mailAddressOf } from '../billing/billing-terms.ts'
import { ownCall } from '../billing/dependencies.ts'
import { type MappedEntity, mappingOf, type PaymentDependencies } from './dependencies.ts'

type Deps = Pick<PaymentDependencies, 'records' | 'invoke' | 'capabilities'>

/** The customer of an organization at a provider, made once. */
export async function customerAt(
  deps: Deps,
  provider: string,
  organization: Rows['organization'],
): Promise<Outcome<string>> {
  const { records, capabilities } = deps
  const known = await mappingOf(records, provider, 'organization', organization.id)
  if (known !== undefined) return accept(known.external_id)
  const profile = await records.getBy('billing_profile', 'organization_id', organization.id)
  const email = mailAddressOf(organization, profile)
  if (email === '')
    return refuseFields([{ field: 'email', reason: 'must be set in the billing profile before paying' }])
  const made = await capabilities.capability('payment', { provider }).create_customer({
    email,
    name: (profile?.legal_name || organization.name).slice(0, 200),
    idempotency_key: `customer ${organization.id}`,
  })
  if (!made.ok) return made
  const externalId = made.value.customer_id
  await noteMapping(deps, provider, { entity: 'organization', localId: organization.id, externalId })
  return accept(externalId)
}

/** Notes what a provider calls something of ours. Whoever notes the same at the same time notes the same. */
export async function noteMapping(
  deps: Pick<Deps, 'invoke'>,
  provider: string,
  of: { readonly entity: MappedEntity; readonly localId: string; readonly externalId: string },
): Promise<void> {
  const input = { provider, entity_type: of.entity, local_id: of.localId, external_id: of.externalId }
  await deps.invoke(ownCall({ module: 'provider_mapping', action: 'create', input }))
}
