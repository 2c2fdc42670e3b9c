import { accept, type FieldProblem, type Outcome, refuseFields } from '#contract/outcome.ts'
import { type ChargeLine, sumOf } from '#domain/pricing/charge-line.ts'
import { rate } from '#domain/pricing/price.ts'
import { type PriceFields, readPrice } from '#domain/pricing/read-price.ts'

/** What a whole period with so many units comes to; minor units. */
export interface PreviewedPeriod {
  readonly units: number
  readonly total: number
  readonly lines: readonly Readonly<Record<string, unknown>>[]
}

const most = { units: 1_000_000_000_000, quantities: 20, amountMinor: 1_000_000_000_000_000 } as const
const whole = [
  'price_monthly',
  'requests_per_month',
  'overage_price',
  'package_size',
  'basis_points',
  'minimum_commitment',
] as const
const texts = ['price_model', 'currency', 'quota_mode', 'overage_unit_price', 'unit_price'] as const
const usual: PriceFields = {
  price_model: 'flat',
  currency: 'USD',
  price_monthly: 0,
  requests_per_month: 0,
  quota_mode: 'soft',
  overage_price: 0,
  overage_unit_price: '',
  unit_price: '',
  package_size: 1,
  basis_points: 0,
  tiers: null,
  minimum_commitment: 0,
}

/** Rates a draft of a plan's price for some quantities; nothing is written, and what is not given is as a new plan has it. */
export function previewPrice(
  draft: Readonly<Record<string, unknown>>,
): Outcome<{ readonly currency: string; readonly periods: readonly PreviewedPeriod[] }> {
  const { units, ...given } = draft
  const problems = typeProblems(given)
  if (!isQuantities(units))
    problems.push({
      field: 'units',
      reason: `must be a list of 1 to ${most.quantities} whole numbers from 0`,
    })
  if (problems.length > 0) return refuseFields(problems)
  const read = readPrice({ ...usual, ...given } as PriceFields)
  if (!read.ok) return refuseFields(read.problems)
  const periods = (units as readonly number[]).map((quantity) => {
    const lines = rate(read.price, quantity)
    return { units: quantity, total: sumOf(lines), lines: lines.map(lineData) }
  })
  const tooMuch = periods.some(({ total }) => total > most.amountMinor)
  if (tooMuch) return refuseFields([{ field: 'units', reason: 'comes to more than can be billed' }])
  return accept({
    currency: read.price.currency,
    periods: periods.map(({ total, ...period }) => ({ ...period, total: Number(total) })),
  })
}

function typeProblems(given: Readonly<Record<string, unknown>>): FieldProblem[] {
  const problems: FieldProblem[] = []
  for (const [field, value] of Object.entries(given)) {
    if (field === 'tiers') continue
    if (whole.some((one) => one === field)) {
      if (!Number.isSafeInteger(value)) problems.push({ field, reason: 'must be a whole number' })
    } else if (texts.some((one) => one === field)) {
      if (typeof value !== 'string') problems.push({ field, reason: 'must be a text' })
    } else problems.push({ field, reason: 'is not a known field' })
  }
  return problems
}

const isQuantities = (units: unknown): units is readonly number[] =>
  Array.isArray(units) &&
  units.length >= 1 &&
  units.length <= most.quantities &&
  units.every((one) => Number.isSafeInteger(one) && one >= 0 && one <= most.units)

const lineData = ({ kind, description, quantity, amountMinor }: ChargeLine) => ({
  kind,
  description,
  quantity,
  amount: Number(amountMinor),
})
