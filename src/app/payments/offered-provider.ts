import { accept, type Outcome, refuse, refuseFields } from '#contract/outcome.ts'
import type { PaymentDependencies } from './dependencies.ts'

/** A provider that customers may pay by. */
export interface OfferedProvider {
  readonly provider: string
  /** The one that is taken where nobody says. */
  readonly isDefault: boolean
}

type Deps = Pick<PaymentDependencies, 'catalogue' | 'records'>

/**
 * The providers that a customer may pay by: the active one, and those that the setting `payment.offered` lists beside it. A provider for
 * testing is never a choice: it takes no money. Empty where payments are not set up.
 */
export async function offeredProviders({ catalogue, records }: Deps): Promise<readonly OfferedProvider[]> {
  const payments = (await catalogue.list()).filter(({ capability }) => capability === 'payment')
  const active = payments.find((one) => one.is_active)
  const listed = ((await records.getBy('setting', 'key', 'payment.offered'))?.value ?? '')
    .split(',')
    .map((name) => name.trim())
  const beside = payments.filter(
    ({ provider, only, is_configured, is_enabled }) =>
      provider !== active?.provider &&
      listed.includes(provider) &&
      only !== 'testing' &&
      is_configured &&
      is_enabled,
  )
  const first = active === undefined ? [] : [{ provider: active.provider, isDefault: true }]
  return [...first, ...beside.map(({ provider }) => ({ provider, isDefault: false }))]
}

/** The one that a customer wants, or the active one where they do not say. */
export async function offeredProvider(deps: Deps, wanted: string | undefined): Promise<Outcome<string>> {
  const offered = await offeredProviders(deps)
  const found = offered.find(({ provider, isDefault }) =>
    wanted === undefined ? isDefault : provider === wanted,
  )
  if (found !== undefined) return accept(found.provider)
  return wanted === undefined
    ? refuse('service_unavailable', 'Payments are not set up here', { capability: 'payment' })
    : refuseFields([{ field: 'provider', reason: 'is not offered here' }])
}
