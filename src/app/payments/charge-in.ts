import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import type { Rows } from '#contract/rows.gen.ts'
import { convertMinor } from '#domain/payments/convert.ts'
import { timeText } from '../billing/dependencies.ts'
import type { PaymentDependencies } from './dependencies.ts'

/** What a provider is asked for to be paid an amount that is owed. */
export interface Charge {
  readonly amount: number
  readonly currency: string
  /** The quote that it was converted by; absent where the provider takes the currency of the invoice. */
  readonly fx_quote_id?: string
}

/** What is owed, in minor units. */
export interface Owed {
  readonly amount: number
  readonly currency: string
}

/** Decides in which currency a provider is asked, and for how much; refuses where no quote says so. A number is never relabelled. */
export type ChargeIn = (provider: string, owed: Owed) => Promise<Outcome<Charge>>

type Parts = Pick<PaymentDependencies, 'records' | 'capabilities' | 'clock'>

/** The newest quote from one currency to another that holds now. */
async function quoteFor(
  { records, clock }: Parts,
  from: string,
  to: string,
): Promise<Rows['fx_quote'] | undefined> {
  const { items } = await records.list('fx_quote', {
    where: [
      { field: 'from_currency', op: 'eq', value: from },
      { field: 'to_currency', op: 'eq', value: to },
      { field: 'enabled', op: 'eq', value: true },
      { field: 'valid_until', op: 'gt', value: timeText(clock.now()) },
    ],
    sort: { field: 'created_at', descending: true },
    limit: 1,
  })
  return items[0]
}

/** Whether what was asked for by a quote can still be asked for. */
export async function quoteHolds({ records, clock }: Parts, quoteId: string | null): Promise<boolean> {
  if (quoteId === null) return true
  const quote = await records.get('fx_quote', quoteId)
  return quote?.enabled === true && Date.parse(quote.valid_until) > clock.now()
}

/** By the provider's own list of currencies, and the quotes that operators enter. */
export function createChargeIn(parts: Parts): ChargeIn {
  return async (provider, { amount, currency }) => {
    const taken = await currenciesOf(parts, provider)
    if (!taken.ok) return taken
    if (taken.value.length === 0 || taken.value.includes(currency)) return accept({ amount, currency })
    for (const to of taken.value) {
      const quote = await quoteFor(parts, currency, to)
      if (quote === undefined) continue
      const converted = convertMinor(BigInt(amount), { from: currency, to, rate: quote.rate })
      if (converted !== undefined && converted <= BigInt(Number.MAX_SAFE_INTEGER))
        return accept({ amount: Number(converted), currency: to, fx_quote_id: quote.id })
    }
    const wanted = taken.value.join(', ')
    return refuse(
      'conflict',
      `There is no exchange rate now from ${currency} to ${wanted}, which ${provider} takes`,
      {
        reason: 'no_quote',
        from: currency,
        to: wanted,
      },
    )
  }
}

/** The currencies that a provider takes, in its order; none where it takes all. */
async function currenciesOf({ capabilities }: Parts, provider: string): Promise<Outcome<readonly string[]>> {
  const listed = await capabilities.capability('payment', { provider }).get_currencies({})
  if (!listed.ok) return listed.details?.['reason'] === 'not_offered' ? accept([]) : listed
  const { currencies } = listed.value
  return accept(Array.isArray(currencies) ? currencies.map((one) => String(one).toUpperCase()) : [])
}
