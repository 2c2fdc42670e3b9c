import type { PlanRow } from '#contract/rows.gen.ts'
import type { Segment } from '#domain/billing/timeline.ts'
import type { Price } from '#domain/pricing/price.ts'
import { storedPrice } from '#domain/pricing/read-price.ts'
import type { Records } from '#ports/records.ts'

/** Where plans and prices come from; each is read once. */
export interface Prices {
  plan(id: string): Promise<PlanRow | undefined>
  /** The price of a version, or for subscriptions older than those the plan's price of today. */
  price(segment: Pick<Segment, 'planId' | 'priceVersionId'>): Promise<Price | undefined>
}

/** Plans and prices, remembered for one piece of work. */
export function rememberPrices(records: Pick<Records, 'get'>): Prices {
  const plans = new Map<string, Promise<PlanRow | undefined>>()
  const versions = new Map<string, Promise<Price | undefined>>()
  const once = <T>(known: Map<string, Promise<T>>, key: string, read: () => Promise<T>): Promise<T> => {
    const held = known.get(key) ?? read()
    known.set(key, held)
    return held
  }
  const plan = (id: string) => once(plans, id, () => records.get('plan', id))
  const stored = async (priceVersionId: string | null, planId: string): Promise<Price | undefined> => {
    const version = priceVersionId === null ? undefined : await records.get('price_version', priceVersionId)
    const terms = version ?? (await plan(planId))
    return terms === undefined ? undefined : storedPrice(terms)
  }
  return {
    plan,
    price: ({ priceVersionId, planId }) =>
      once(versions, priceVersionId ?? planId, () => stored(priceVersionId, planId)),
  }
}
