import { refuseFields } from '#contract/outcome.ts'
import { isCurrency } from '#domain/currencies.ts'
import type { Behaviour } from '#ports/behaviour.ts'

/** before billing_profile.create and .update: credit can be topped up in the currency that it names. */
export const checkProfile: Behaviour = ({ input }) => {
  const { top_up_currency: currency } = input
  if (currency === undefined || isCurrency(String(currency))) return undefined
  return refuseFields([
    { field: 'top_up_currency', reason: 'must be an active currency of ISO 4217, such as USD' },
  ])
}
