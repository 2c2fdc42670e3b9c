/** A tax rate as the table has it; `ppm` is millionths: 7.5 percent is 75,000. */
export interface TaxRate {
  readonly name: string
  readonly country: string
  /** For this customer alone. */
  readonly organizationId: string | null
  readonly ppm: bigint
  /** Prices contain it. */
  readonly isInclusive: boolean
  /** Taken of the net amount and the taxes that are not compound. */
  readonly isCompound: boolean
  readonly validFromMs: number | null
  readonly validUntilMs: number | null
}

/** Who is taxed, and as of when. */
export interface Taxed {
  readonly organizationId: string
  readonly country: string
  readonly isExempt: boolean
  readonly atMs: number
}

/** One tax on an invoice. */
export interface TaxCharge {
  readonly name: string
  readonly ppm: bigint
  readonly amountMinor: bigint
  /** What it was taken of, where that is more than the net amount. */
  readonly ofMinor?: bigint
}

/** An amount with its taxes: what is left without them, and each of them. */
export interface TaxedAmount {
  readonly netMinor: bigint
  readonly charges: readonly TaxCharge[]
  /** True where the amount contains them. */
  readonly isInclusive: boolean
}

const wholePpm = 1_000_000n

/** Percent as the table writes it, "7.5", as millionths. */
export function ppmOf(percent: string): bigint {
  const [whole = '0', fraction = ''] = percent.split('.')
  return BigInt(`${whole}${fraction.padEnd(4, '0')}`)
}

/** The rates that hold for a customer: their own ones, else those of their country. */
export function ratesFor(rates: readonly TaxRate[], { organizationId, country, isExempt, atMs }: Taxed) {
  if (isExempt) return []
  const valid = rates.filter(
    ({ validFromMs, validUntilMs }) =>
      (validFromMs === null || validFromMs <= atMs) && (validUntilMs === null || atMs < validUntilMs),
  )
  const own = valid.filter((rate) => rate.organizationId === organizationId)
  if (own.length > 0) return own
  return valid.filter((rate) => rate.organizationId === null && rate.country === country)
}

/**
 * The taxes of an amount, each rounded half up once; a rate of 0 is shown, too. Where one of the rates is inclusive, the amount contains
 * them all: net and taxes come to exactly the amount, and what rounding leaves is net. Else they come on top of it.
 */
export function taxOn(amountMinor: bigint, rates: readonly TaxRate[]): TaxedAmount {
  const isInclusive = rates.some((rate) => rate.isInclusive)
  const simple = rates.filter(({ isCompound }) => !isCompound)
  const compound = rates.filter(({ isCompound }) => isCompound)
  // Of a price that contains them, the last one that was added is taken out first.
  const second = isInclusive ? takenOut(amountMinor, compound) : []
  const beforeSecond = amountMinor - sumOf(second)
  const first = isInclusive ? takenOut(beforeSecond, simple) : addedTo(amountMinor, simple)
  const netMinor = isInclusive ? beforeSecond - sumOf(first) : amountMinor
  const ofMinor = netMinor + sumOf(first)
  const last = isInclusive ? second : addedTo(ofMinor, compound)
  const isMore = ofMinor !== netMinor
  return {
    netMinor,
    charges: [...first, ...last.map((charge) => (isMore ? { ...charge, ofMinor } : charge))],
    isInclusive,
  }
}

const addedTo = (amountMinor: bigint, rates: readonly TaxRate[]): readonly TaxCharge[] =>
  rates.map(({ name, ppm }) => ({ name, ppm, amountMinor: quotient(amountMinor * ppm, wholePpm) }))

/** The part of an amount that each of some rates is that it contains: 19 % is 19 of 119. Together never more than the amount. */
function takenOut(amountMinor: bigint, rates: readonly TaxRate[]): readonly TaxCharge[] {
  const parts = rates.reduce((sum, { ppm }) => sum + ppm, wholePpm)
  let left = amountMinor
  return rates.map(({ name, ppm }) => {
    const part = quotient(amountMinor * ppm, parts)
    const isTooMuch = part > left
    const taken = isTooMuch ? left : part
    left -= taken
    return { name, ppm, amountMinor: taken }
  })
}

const sumOf = (charges: readonly TaxCharge[]): bigint =>
  charges.reduce((sum, { amountMinor }) => sum + amountMinor, 0n)

/** Rounded half up. */
const quotient = (numerator: bigint, denominator: bigint): bigint =>
  (2n * numerator + denominator) / (2n * denominator)
