/** A tax rate as the table has it; `ppm` is millionths: 7.5 percent is 75,000. */
export interface TaxRate {
  readonly name: string
  readonly country: string
  /** For this customer alone. */
  readonly organizationId: string | null
  readonly ppm: bigint
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
}

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

/** What each rate adds to a net amount, rounded half up once; a rate of 0 is shown, too. */
export function taxOn(netMinor: bigint, rates: readonly TaxRate[]): readonly TaxCharge[] {
  return rates.map(({ name, ppm }) => ({ name, ppm, amountMinor: partPerMillion(netMinor, ppm) }))
}

function partPerMillion(amountMinor: bigint, ppm: bigint): bigint {
  const magnitude = ((amountMinor < 0n ? -amountMinor : amountMinor) * ppm * 2n + 1_000_000n) / 2_000_000n
  return amountMinor < 0n ? -magnitude : magnitude
}
