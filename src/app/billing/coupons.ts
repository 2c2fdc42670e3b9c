import { type Refusal, refuse, refuseFields } from '#contract/outcome.ts'
import type { CouponRow, SubscriptionRow } from '#contract/rows.gen.ts'
import type { Discount } from '#domain/billing/discount.ts'
import { isCurrency } from '#domain/currencies.ts'
import type { Behaviour } from '#ports/behaviour.ts'
import type { Records } from '#ports/records.ts'
import { priceOf } from './choose-plan.ts'

/** before coupon.create: either a percentage or an amount of a currency. */
export const checkCoupon: Behaviour = ({ input }) => {
  const [share, amount] = [Number(input['basis_points'] ?? 0), Number(input['amount_off'] ?? 0)]
  if (share > 0 === amount > 0)
    return refuseFields([{ field: 'basis_points', reason: 'or amount_off must be above 0, and not both' }])
  if (amount > 0 && !isCurrency(String(input['currency'])))
    return refuseFields([
      { field: 'currency', reason: 'must be an active currency of ISO 4217, such as USD' },
    ])
  return undefined
}

/** before coupon.redeem: one more, as long as there are some left. */
export const countRedemption: Behaviour = ({ input, before }) => {
  const coupon = before as unknown as CouponRow
  if (coupon.max_redemptions !== null && coupon.times_redeemed >= coupon.max_redemptions)
    return refuse('conflict', 'This coupon was redeemed as often as it may be', { field: 'code' })
  input['times_redeemed'] = coupon.times_redeemed + 1
  return undefined
}

/** before subscription.redeem_coupon: the coupon counts one more and the subscription has it, both or neither. */
export const redeemCoupon: Behaviour = async ({ input, before, now, everywhere }) => {
  const subscription = before as unknown as SubscriptionRow
  const coupon = await everywhere.records.getBy('coupon', 'code', String(input['code']).toUpperCase())
  if (coupon === undefined || !coupon.enabled) return unusable('is not known')
  if (coupon.expires_at !== null && Date.parse(coupon.expires_at) <= now) return unusable('has expired')
  if (coupon.plan_id !== null && coupon.plan_id !== subscription.plan_id)
    return unusable('is for another plan')
  const price = await priceOf(everywhere.records, subscription)
  if (coupon.amount_off > 0 && price?.currency !== coupon.currency)
    return unusable(`is for prices in ${coupon.currency}`)
  if (subscription.status === 'ended') return unusable('is too late: the subscription has ended')
  const had = await everywhere.records.list('coupon_redemption', {
    where: [
      { field: 'organization_id', op: 'eq', value: subscription.organization_id },
      { field: 'coupon_id', op: 'eq', value: coupon.id },
    ],
    limit: 1,
  })
  if (had.items.length > 0) return refuse('conflict', 'This coupon was redeemed already', { field: 'code' })
  const counted = await everywhere.invoke({ module: 'coupon', action: 'redeem', id: coupon.id })
  if (!counted.ok) return counted
  const kept = await everywhere.invoke({
    module: 'coupon_redemption',
    action: 'create',
    input: {
      organization_id: subscription.organization_id,
      subscription_id: subscription.id,
      coupon_id: coupon.id,
      code: coupon.code,
      redeemed_at: new Date(now).toISOString(),
    },
  })
  return kept.ok ? undefined : kept
}

/** The discounts of a subscription in the order in which they were redeemed; `holdsIn` says for which periods. */
export async function discountsOf(records: Records, subscriptionId: string): Promise<readonly Discount[]> {
  const discounts: Discount[] = []
  const { items } = await records.list('coupon_redemption', {
    where: [{ field: 'subscription_id', op: 'eq', value: subscriptionId }],
    sort: { field: 'redeemed_at', descending: false },
    limit: 100,
  })
  for (const { coupon_id, code, redeemed_at } of items) {
    const coupon = await records.get('coupon', coupon_id)
    if (coupon === undefined) continue
    discounts.push({
      code,
      basisPoints: coupon.basis_points,
      amountMinor: BigInt(coupon.amount_off),
      currency: coupon.currency ?? '',
      duration: coupon.duration,
      periods: coupon.periods,
      redeemedMs: Date.parse(redeemed_at),
      planId: coupon.plan_id,
    })
  }
  return discounts
}

const unusable = (reason: string): Refusal => refuseFields([{ field: 'code', reason }])
