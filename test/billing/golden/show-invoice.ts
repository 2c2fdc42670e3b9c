import type { Rows } from '#contract/rows.gen.ts'

const decimals: Readonly<Record<string, number>> = { USD: 2, EUR: 2, JPY: 0, KWD: 3 }

/** Minor units as people write them, worked out by moving the point in the text: `6000` of USD is `60.00`. */
export function amountText(minor: number, currency: string): string {
  const places = decimals[currency]
  if (places === undefined) throw new Error(`how many decimals has ${currency}?`)
  const digits = String(Math.abs(minor)).padStart(places + 1, '0')
  const whole = digits.slice(0, digits.length - places)
  const text = places === 0 ? whole : `${whole}.${digits.slice(-places)}`
  return minor < 0 ? `-${text}` : text
}

/** `60.00` of USD as minor units: the point taken out, and never a fraction in between. */
export function minorOf(text: string, currency: string): number {
  const [whole = '', fraction = ''] = text.split('.')
  const places = decimals[currency] ?? 0
  if (fraction.length !== places) throw new Error(`"${text}" is no amount of ${currency}`)
  return Number(`${whole}${fraction}`)
}

/** A moment without what is zero in it: the day, or the day and time. */
const momentText = (at: string): string => at.replace('T00:00:00.000Z', '').replace('.000Z', 'Z')

/** An invoice as a story writes it. */
export function showInvoice(
  invoice: Rows['invoice'],
  lines: readonly Rows['invoice_line'][],
): readonly string[] {
  const { currency } = invoice
  const money = (minor: number): string => amountText(minor, currency)
  const { period_start: start, period_end: end } = invoice
  const time = start === null || end === null ? '' : ` ${momentText(start)} to ${momentText(end)}`
  const shown = (line: Rows['invoice_line']): string => {
    const name = line.kind === 'tax' ? line.description : line.kind
    // A share of an amount: its quantity is minor units.
    if (line.kind === 'percentage')
      return `${name} ${line.description} of ${money(line.quantity)} = ${money(line.amount)}`
    return line.quantity === 1
      ? `${name} ${money(line.amount)}`
      : `${name} ${line.quantity} x ${line.unit_price} = ${money(line.amount)}`
  }
  return [
    `${invoice.kind}${time}`,
    ...lines.filter(({ kind }) => kind !== 'tax').map(shown),
    ...(invoice.tax_inclusive ? [`net ${money(invoice.subtotal)}`] : []),
    ...lines.filter(({ kind }) => kind === 'tax').map(shown),
    `total ${money(invoice.total)} ${currency}`,
    ...(invoice.credit_applied === 0 ? [] : [`credit used ${money(invoice.credit_applied)}`]),
    ...(invoice.credited === 0 ? [] : [`taken back ${money(invoice.credited)}`]),
    ...(invoice.status === 'paid' ? [] : [`${invoice.status}, due ${money(invoice.amount_due)}`]),
  ]
}
