import { accept, type Outcome, refuse, refuseFields } from '#contract/outcome.ts'
import type { PaymentDependencies } from './dependencies.ts'

/**
 * The provider that a customer may pay by: the active one, or of those that the setting `payment.offered` lists beside it the one they
 * want. A provider for testing is never a choice: it takes no money.
 */
export async function offeredProvider(
  { catalogue, records }: Pick<PaymentDependencies, 'catalogue' | 'records'>,
  wanted: string | undefined,
): Promise<Outcome<string>> {
  const payments = (await catalogue.list()).filter(({ capability }) => capability === 'payment')
  const active = payments.find((one) => one.is_active)
  if (wanted === undefined || wanted === active?.provider)
    return active === undefined
      ? refuse('service_unavailable', 'Payments are not set up here', { capability: 'payment' })
      : accept(active.provider)
  const listed = ((await records.getBy('setting', 'key', 'payment.offered'))?.value ?? '')
    .split(',')
    .map((name) => name.trim())
  const found = payments.find(
    ({ provider, only, is_configured, is_enabled }) =>
      provider === wanted && listed.includes(provider) && only !== 'testing' && is_configured && is_enabled,
  )
  if (found === undefined) return refuseFields([{ field: 'provider', reason: 'is not offered here' }])
  return accept(found.provider)
}
