/** A payment as far as giving it back goes; whole numbers of minor units. */
export interface PaidPayment {
  readonly status: string
  readonly amount: number
  /** What really came where it paid nothing. */
  readonly received_amount: number | null
  readonly invoice_amount: number
  /** Given back so far, or about to be. */
  readonly refunded: number
}

/** What of a payment can still be given back: never more than has come, and nothing of one that took no money. */
export function refundableMinor({ status, amount, received_amount, refunded }: PaidPayment): number {
  const came = status === 'succeeded' ? amount : status === 'flagged' ? (received_amount ?? 0) : 0
  return Math.max(0, came - refunded)
}

/**
 * What a part of a payment is of its invoice, where the two may be in different currencies. Parts that come to the whole payment come to
 * exactly what it paid of the invoice; money that paid no invoice takes nothing back of one.
 */
export function invoicePart(payment: PaidPayment, amount: number): number {
  if (payment.status !== 'succeeded') return 0
  const upTo = (part: number): bigint =>
    halfUp(BigInt(part) * BigInt(payment.invoice_amount), BigInt(payment.amount))
  return Number(upTo(payment.refunded + amount) - upTo(payment.refunded))
}

/** The most of a payment that can go back without taking more of its invoice back than is left of that. */
export function partWithin(payment: PaidPayment, invoiceLeft: number): number {
  let [fits, passes] = [0, refundableMinor(payment) + 1]
  while (passes - fits > 1) {
    const middle = fits + Math.floor((passes - fits) / 2)
    if (invoicePart(payment, middle) <= invoiceLeft) fits = middle
    else passes = middle
  }
  return fits
}

/** What is left of an invoice that was paid, in minor units. */
export interface PaidInvoice {
  readonly total: number
  readonly subtotal: number
  /** Taken back so far, and the part of that which is no tax. */
  readonly credited: number
  readonly credited_subtotal: number
}

/** A refund as the books see it. */
export interface RefundParts {
  readonly netMinor: bigint
  readonly taxMinor: bigint
  /** Given back although the invoice had been taken back otherwise before: a loss. */
  readonly excessMinor: bigint
}

/** Splits a refund into what was earned, what was tax, in the proportion that is left of the invoice, and what is nobody's. */
export function refundParts(invoice: PaidInvoice, amountMinor: bigint): RefundParts {
  const left = BigInt(invoice.total - invoice.credited)
  const leftNet = BigInt(invoice.subtotal - invoice.credited_subtotal)
  const covered = amountMinor < left ? amountMinor : left
  const taxMinor = covered === left ? left - leftNet : halfUp((left - leftNet) * covered, left)
  return { netMinor: covered - taxMinor, taxMinor, excessMinor: amountMinor - covered }
}

const halfUp = (numerator: bigint, denominator: bigint): bigint =>
  (2n * numerator + denominator) / (2n * denominator)

/** How a refund stands, in the words of its provider. */
export function refundStatus(word: string): 'waiting' | 'succeeded' | 'failed' {
  if (word === 'succeeded' || word === 'processed' || word === 'approved') return 'succeeded'
  return ['failed', 'canceled', 'cancelled', 'rejected', 'reversed'].includes(word) ? 'failed' : 'waiting'
}
