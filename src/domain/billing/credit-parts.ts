/** An invoice as far as taking a part of it back goes; whole numbers of minor units. */
export interface CreditableInvoice {
  readonly subtotal: number
  readonly tax: number
  readonly total: number
  /** Its lines contain the tax. */
  readonly tax_inclusive: boolean
  /** Taken back so far, and the part of that which is no tax. */
  readonly credited: number
  readonly credited_subtotal: number
}

/** A part of an invoice that is taken back. */
export interface CreditParts {
  readonly netMinor: bigint
  readonly taxMinor: bigint
}

/** What the lines of an invoice come to that was not taken back yet: with the tax where they contain it, else without. */
export function leftOfLines(invoice: CreditableInvoice): bigint {
  const { subtotal, total, tax_inclusive, credited, credited_subtotal } = invoice
  return BigInt(tax_inclusive ? total - credited : subtotal - credited_subtotal)
}

/**
 * An amount of the lines of an invoice with the tax that follows it in proportion, rounded half up once: inside of the amount where the
 * lines contain it, else on top. The last part takes the tax that is left, and no part takes more than there is.
 */
export function creditParts(invoice: CreditableInvoice, amountMinor: bigint): CreditParts {
  const { subtotal, tax, total, tax_inclusive, credited, credited_subtotal } = invoice
  const leftTax = BigInt(tax - (credited - credited_subtotal))
  const leftNet = BigInt(subtotal - credited_subtotal)
  const whole = BigInt(tax_inclusive ? total : subtotal)
  const isLast = amountMinor >= leftOfLines(invoice)
  const part = isLast ? leftTax : (2n * BigInt(tax) * amountMinor + whole) / (2n * whole)
  // Tax that was rounded down part for part would leave more net to take back than there is.
  const least = tax_inclusive ? amountMinor - leftNet : 0n
  const enough = part > least ? part : least
  const taxMinor = enough < leftTax ? enough : leftTax
  return { netMinor: tax_inclusive ? amountMinor - taxMinor : amountMinor, taxMinor }
}
