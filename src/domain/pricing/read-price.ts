import { Fault, type FieldProblem } from '#contract/outcome.ts'
import { isCurrency } from '../currencies.ts'
import { microsOf } from '../money.ts'
import type { Common, Price } from './price.ts'
import { mostMinor, readTiers, readUnitPrice } from './tiers.ts'

/** The fields of a plan or price version that a price is made of. */
export interface PriceFields {
  readonly price_model: string
  readonly currency: string
  /** Minor units a period, under every model. */
  readonly price_monthly: number
  readonly requests_per_month: number
  readonly quota_mode: string
  readonly overage_price: number
  readonly overage_unit_price: string
  /** Of one unit, or of one package; the major unit, down to 0.000001. */
  readonly unit_price: string
  readonly package_size: number
  readonly basis_points: number
  readonly tiers: unknown
  readonly minimum_commitment: number
}

/** A price, or what is wrong with the fields it should be made of. */
export type ReadPrice =
  | { readonly ok: true; readonly price: Price }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] }

/** Reads a price; one that nobody can be charged by is refused with its field and the reason. */
export function readPrice(fields: PriceFields): ReadPrice {
  const problems = amountProblems(fields)
  if (problems.length > 0) return { ok: false, problems }
  const common: Common = {
    currency: fields.currency,
    baseMinor: BigInt(fields.price_monthly),
    minimumMinor: BigInt(fields.minimum_commitment),
  }
  const read = readModel(fields, common)
  if (!read.ok) return read
  return (fields.tiers ?? null) === null || 'tiers' in read.price
    ? read
    : refused('tiers', `does not go with the price_model ${fields.price_model}`)
}

function readModel(fields: PriceFields, common: Common): ReadPrice {
  const model = fields.price_model
  if (model === 'flat') return readFlat(fields, common)
  if (model === 'graduated' || model === 'volume') {
    const read = readTiers(fields.tiers)
    return read.ok ? priced({ ...common, model, tiers: read.tiers }) : read
  }
  if (model === 'percentage') {
    if (!isWhole(fields.basis_points, 10_000))
      return refused('basis_points', 'must be a whole number from 0 to 10000')
    return priced({ ...common, model, basisPoints: fields.basis_points })
  }
  const micros = readUnitPrice(fields.unit_price)
  if (model === 'per_unit' || model === 'package') {
    if (micros === undefined)
      return refused('unit_price', `must be a price such as "0.001" under the price_model ${model}`)
    if (model === 'per_unit') return priced({ ...common, model, unitMicros: micros })
    if (!isWhole(fields.package_size) || fields.package_size < 1)
      return refused('package_size', 'must be a whole number of 1 or more')
    return priced({ ...common, model, packageSize: fields.package_size, packageMicros: micros })
  }
  return refused('price_model', 'must be one of flat, per_unit, graduated, volume, package, percentage')
}

/** Only a `soft` quota bills what is past it; the unit price stands in for the price in minor units when it is set. */
function readFlat(fields: PriceFields, common: Common): ReadPrice {
  const { currency } = common
  const { overage_unit_price: fine, requests_per_month: included } = fields
  const coarse = microsOf({ amountMinor: BigInt(fields.overage_price), currency })
  const unitMicros = fine === '' ? coarse : readUnitPrice(fine)
  if (unitMicros === undefined) return refused('overage_unit_price', 'must be a price such as "0.001"')
  return priced({
    ...common,
    model: 'flat',
    includedUnits: included < 0 ? null : included,
    overageUnitMicros: fields.quota_mode === 'soft' ? unitMicros : 0n,
  })
}

function amountProblems(fields: PriceFields): readonly FieldProblem[] {
  const problems: FieldProblem[] = []
  if (!isCurrency(fields.currency))
    problems.push({ field: 'currency', reason: 'must be an active currency of ISO 4217, such as USD' })
  for (const field of ['price_monthly', 'overage_price', 'minimum_commitment'] as const)
    if (!isWhole(fields[field], mostMinor))
      problems.push({
        field,
        reason: 'must be a whole number of minor units, 0 or more, and no more than 10,000,000,000,000',
      })
  return problems
}

const isWhole = (value: number, most = Number.MAX_SAFE_INTEGER): boolean =>
  Number.isSafeInteger(value) && value >= 0 && value <= most

const priced = (price: Price): ReadPrice => ({ ok: true, price })
const refused = (field: string, reason: string): ReadPrice => ({ ok: false, problems: [{ field, reason }] })

/** The price of a stored plan or price version, which was checked when it was written. */
export function storedPrice(fields: PriceFields & { readonly id: string }): Price {
  const read = readPrice(fields)
  if (read.ok) return read.price
  throw new Fault('internal_error', `${fields.id} has no price: ${read.problems[0]?.field}`)
}
