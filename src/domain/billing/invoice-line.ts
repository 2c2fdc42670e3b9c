import { formatMoney, microsOf } from '../money.ts'
import type { TaxCharge } from './tax.ts'

/** A line before it stands on an invoice; its amount was rounded once. */
export interface InvoiceLineDraft {
  readonly kind: string
  readonly description: string
  readonly quantity: number
  /** Micro-units of the major unit. */
  readonly unitMicros: bigint
  readonly amountMinor: bigint
  /** The time that it is about, milliseconds UTC. */
  readonly fromMs?: number
  readonly toMs?: number
}

/** A line of one amount. */
export function lineOf(
  currency: string,
  line: Pick<InvoiceLineDraft, 'kind' | 'description' | 'amountMinor' | 'fromMs' | 'toMs'>,
): InvoiceLineDraft {
  return { ...line, quantity: 1, unitMicros: microsOf({ amountMinor: line.amountMinor, currency }) }
}

/** The line of a tax: `VAT 7.5 %`, and what it was taken of where that is more than the net amount: `QST 9.975 % of 10.50 USD`. */
export function taxLine(currency: string, { name, ppm, amountMinor, ofMinor }: TaxCharge): InvoiceLineDraft {
  const base = ofMinor === undefined ? '' : ` of ${formatMoney({ amountMinor: ofMinor, currency })}`
  return lineOf(currency, { kind: 'tax', description: `${name} ${percentText(ppm)} %${base}`, amountMinor })
}

function percentText(ppm: bigint): string {
  const fraction = String(ppm % 10_000n)
    .padStart(4, '0')
    .replace(/0+$/, '')
  return `${ppm / 10_000n}${fraction === '' ? '' : `.${fraction}`}`
}
