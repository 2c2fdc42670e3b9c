import type { FieldProblem } from '#contract/outcome.ts'
import { parseUnitPrice } from '../money.ts'

/** One step of a tiered price: units above the tier before it, up to and with `upTo`. */
export interface Tier {
  /** How many units come before it. */
  readonly above: number
  /** Its last unit; null is without end. */
  readonly upTo: number | null
  readonly unitMicros: bigint
  /** A fee for reaching the tier, minor units. */
  readonly feeMinor: bigint
}

const known = ['from', 'up_to', 'unit_price', 'fee']
const mostTiers = 50
const mostMicros = 1_000_000_000_000_000n

/** More than this is no price but a slip: a few of it could not be invoiced any more. */
export const mostMinor = 10_000_000_000_000

/** The price of a unit as micro-units; undefined for what is none, or is beyond a thousand millions of the major unit. */
export function readUnitPrice(text: string): bigint | undefined {
  const micros = parseUnitPrice(text)
  return micros !== undefined && micros <= mostMicros ? micros : undefined
}

/** Reads `tiers`: a list of `{from?, up_to, unit_price, fee?}` that covers every unit once, the last one without an `up_to`. */
export function readTiers(
  value: unknown,
):
  | { readonly ok: true; readonly tiers: readonly Tier[] }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] } {
  if (!Array.isArray(value) || value.length === 0 || value.length > mostTiers)
    return {
      ok: false,
      problems: [
        { field: 'tiers', reason: `must be a list of 1 to ${mostTiers} tiers under this price_model` },
      ],
    }
  const problems: FieldProblem[] = []
  const tiers: Tier[] = []
  let above = 0
  for (const [index, given] of value.entries()) {
    const read = readTier(given, `tiers[${index}]`, above, index === value.length - 1)
    problems.push(...read.problems)
    tiers.push(read.tier)
    above = read.tier.upTo ?? above
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, tiers }
}

function readTier(
  given: unknown,
  at: string,
  above: number,
  isLast: boolean,
): { readonly tier: Tier; readonly problems: readonly FieldProblem[] } {
  const problems: FieldProblem[] = []
  const isObject = typeof given === 'object' && given !== null && !Array.isArray(given)
  const tier = (isObject ? given : {}) as Record<string, unknown>
  if (!isObject)
    problems.push({ field: at, reason: 'must be an object such as {"up_to": 1000, "unit_price": "0.01"}' })
  for (const field of Object.keys(tier))
    if (!known.includes(field)) problems.push({ field: `${at}.${field}`, reason: 'is not a known field' })
  const { from, up_to: upTo = null, unit_price: unitPrice, fee = 0 } = tier
  const unitMicros = typeof unitPrice === 'string' ? readUnitPrice(unitPrice) : undefined
  if (isObject && unitMicros === undefined)
    problems.push({ field: `${at}.unit_price`, reason: 'must be a price as text, down to "0.000001"' })
  if (!Number.isSafeInteger(fee) || Number(fee) < 0 || Number(fee) > mostMinor)
    problems.push({ field: `${at}.fee`, reason: 'must be a whole number of minor units, 0 or more' })
  problems.push(...spanProblems(at, from, upTo, above, isLast))
  const end = Number.isSafeInteger(upTo) && Number(upTo) > above ? Number(upTo) : null
  const feeMinor = Number.isSafeInteger(fee) ? BigInt(Number(fee)) : 0n
  return { tier: { above, upTo: end, unitMicros: unitMicros ?? 0n, feeMinor }, problems }
}

function spanProblems(
  at: string,
  from: unknown,
  upTo: unknown,
  above: number,
  isLast: boolean,
): FieldProblem[] {
  const problems: FieldProblem[] = []
  if (from !== undefined && from !== above + 1) {
    const isGap = typeof from === 'number' && from > above + 1
    const reason = isGap ? `leaves a gap: the unit ${above + 1} has no price` : `must be ${above + 1}`
    problems.push({ field: `${at}.from`, reason })
  }
  if (isLast && upTo !== null)
    problems.push({
      field: `${at}.up_to`,
      reason: 'must be empty in the last tier: units past it had no price',
    })
  if (!isLast && !(Number.isSafeInteger(upTo) && Number(upTo) > above))
    problems.push({ field: `${at}.up_to`, reason: `must be a whole number above ${above}` })
  return problems
}
