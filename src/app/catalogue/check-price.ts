import { refuseFields } from '#contract/outcome.ts'
import { readEntitlements } from '#domain/entitlements.ts'
import { type PriceFields, readPrice } from '#domain/pricing/read-price.ts'
import type { Behaviour } from '#ports/behaviour.ts'

/** before plan.create and .update: a price that somebody can be charged by. */
export const checkPlanPrice: Behaviour = ({ input, before }) => {
  const read = readPrice({ ...before, ...input } as unknown as PriceFields)
  return read.ok ? undefined : refuseFields(read.problems)
}

/** before plan.create and .update: entitlements that can stand in a header. */
export const checkPlanEntitlements: Behaviour = ({ input }) => {
  const read = readEntitlements(input['entitlements'])
  return read.ok ? undefined : refuseFields(read.problems)
}
