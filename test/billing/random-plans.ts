import fc from 'fast-check'
import type { Price } from '#domain/pricing/price.ts'
import { type PriceFields, readPrice } from '#domain/pricing/read-price.ts'
import type { NaivePlan } from './naive-rater.ts'

/** The plan that everybody knows: 10.00 USD with 10,000 requests, 0.01 USD for each one more. */
export const starter: PriceFields = {
  price_model: 'flat',
  currency: 'USD',
  price_monthly: 1000,
  requests_per_month: 10_000,
  quota_mode: 'soft',
  overage_price: 1,
  overage_unit_price: '',
  unit_price: '',
  package_size: 1,
  basis_points: 0,
  tiers: null,
  minimum_commitment: 0,
}

const price = fc.integer({ min: 0, max: 3_000_000 })
const steps = fc.array(
  fc.record({ width: fc.integer({ min: 1, max: 200 }), millionths: price, fee: fc.nat(500) }),
  {
    minLength: 1,
    maxLength: 5,
  },
)
/** Any plan. */
export const naivePlans: fc.Arbitrary<NaivePlan> = fc
  .record({
    model: fc.constantFrom('flat', 'per_unit', 'graduated', 'volume', 'package', 'percentage'),
    decimals: fc.constantFrom(0, 2, 3),
    base: fc.nat(10_000),
    minimum: fc.nat(20_000),
    included: fc.nat(500),
    unitMillionths: price,
    packageSize: fc.integer({ min: 1, max: 300 }),
    basisPoints: fc.nat(10_000),
    steps,
  })
  .map(({ steps: widths, ...plan }) => {
    let end = 0
    const spans = widths.map(({ width, millionths, fee }, index) => {
      end += width
      return { upTo: index === widths.length - 1 ? Number.POSITIVE_INFINITY : end, millionths, fee }
    })
    return { ...plan, tiers: spans } as NaivePlan
  })

const decimal = (millionths: number): string =>
  `${Math.floor(millionths / 1e6)}.${String(millionths % 1e6).padStart(6, '0')}`

/** The fields of a plan as an operator would write them. */
export function fieldsOf(plan: NaivePlan): PriceFields {
  const isTiered = plan.model === 'graduated' || plan.model === 'volume'
  return {
    ...starter,
    price_model: plan.model,
    currency: { 0: 'JPY', 2: 'USD', 3: 'KWD' }[plan.decimals] ?? '',
    price_monthly: plan.base,
    minimum_commitment: plan.minimum,
    requests_per_month: plan.included,
    overage_unit_price: decimal(plan.unitMillionths),
    unit_price: decimal(plan.unitMillionths),
    package_size: plan.packageSize,
    basis_points: plan.basisPoints,
    tiers: isTiered
      ? plan.tiers.map(({ upTo, millionths, fee }) => ({
          ...(Number.isFinite(upTo) ? { up_to: upTo } : {}),
          unit_price: decimal(millionths),
          fee,
        }))
      : null,
  }
}

/** The price that the product reads from such a plan. */
export function written(plan: NaivePlan): Price {
  const read = readPrice(fieldsOf(plan))
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  return read.price
}
