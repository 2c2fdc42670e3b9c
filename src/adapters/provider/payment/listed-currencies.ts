import { accept } from '#contract/outcome.ts'
import type { ProviderActions } from '#ports/capability/provider.ts'

/** The currencies that an operator has named for an account, in their order; none where it takes all. */
export function listedCurrencies(
  config: Readonly<Record<string, unknown>>,
): Pick<ProviderActions<'payment'>, 'get_currencies'> {
  const listed = typeof config['currencies'] === 'string' ? config['currencies'] : ''
  const currencies = listed === '' ? [] : listed.split(',')
  return { get_currencies: async () => accept({ currencies }) }
}
