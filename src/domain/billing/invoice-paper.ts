import type { Rows } from '#contract/rows.gen.ts'
import { formatAmount, formatDecimal, formatMoney } from '../money.ts'
import { countText } from '../pricing/charge-line.ts'
import type { Paper, PaperLine, PaperSum } from './paper.ts'
import { dayText, partyLines, spanText } from './paper-words.ts'

type Invoice = Rows['invoice']
type Line = Rows['invoice_line']

/** An invoice as it was finalized: what happened to it since then does not change it, but for being taken back as a whole. */
export function invoicePaper(invoice: Invoice, lines: readonly Line[]): Paper {
  const { currency, due_at, total, credit_applied } = invoice
  const dueMinor = total - credit_applied
  const due = wholeAmount(dueMinor, currency)
  return {
    ...common(invoice, lines),
    title: 'Invoice',
    issuedAt: invoice.issued_at ?? invoice.created_at,
    stamp: invoice.status === 'void' ? 'This invoice is void: it was taken back as a whole.' : '',
    facts: filled([
      ['Invoice', invoice.number ?? ''],
      ['Issued', dayText(invoice.issued_at)],
      ['Due', dueMinor > 0 ? dayText(due_at) : ''],
      ['Period', spanText(invoice.period_start, invoice.period_end)],
    ]),
    headline: dueMinor > 0 ? `${due} due ${dayText(due_at)}` : 'Nothing to pay',
    sums: [
      ...baseSums(invoice, lines),
      ...(credit_applied === 0 ? [] : [sum('Paid from credit', -credit_applied, currency)]),
      sum('Due', dueMinor, currency, true),
    ],
    notes: [...sellerNotes(invoice), ...taxNotes(invoice), ...evidenceNotes(invoice)],
  }
}

/** The receipt of an invoice that is paid. */
export function receiptPaper(invoice: Invoice, lines: readonly Line[]): Paper {
  const { currency, total, credit_applied, amount_paid, paid_at, payment_provider, payment_id } = invoice
  const takenBack = total - credit_applied - amount_paid
  return {
    ...common(invoice, lines),
    title: 'Receipt',
    issuedAt: paid_at ?? invoice.created_at,
    stamp: '',
    facts: filled([
      ['Invoice', invoice.number ?? ''],
      ['Issued', dayText(invoice.issued_at)],
      ['Paid', dayText(paid_at)],
      ['Through', amount_paid === 0 ? '' : (providers[payment_provider ?? ''] ?? payment_provider ?? '')],
      ['Payment', amount_paid === 0 ? '' : (payment_id ?? '')],
    ]),
    headline: `${wholeAmount(amount_paid, currency)} paid ${dayText(paid_at)}`,
    sums: [
      ...baseSums(invoice, lines),
      ...(credit_applied === 0 ? [] : [sum('Paid from credit', -credit_applied, currency)]),
      ...(takenBack === 0 ? [] : [sum('Taken back by credit notes', -takenBack, currency)]),
      sum('Paid', amount_paid, currency, true),
    ],
    notes: taxNotes(invoice),
  }
}

/** A credit note, with the seller and the buyer of the invoice that it is about. */
export function creditNotePaper(note: Rows['credit_note'], invoice: Invoice): Paper {
  const { currency, subtotal, tax, total, off_due } = note
  const asCredit = total - off_due
  return {
    ...common(invoice, []),
    title: 'Credit note',
    number: note.number ?? '',
    issuedAt: note.created_at,
    stamp: '',
    facts: filled([
      ['Credit note', note.number ?? ''],
      ['Issued', dayText(note.created_at)],
      ['For invoice', invoice.number ?? ''],
      ['Of', dayText(invoice.issued_at)],
    ]),
    headline: `${wholeAmount(total, currency)} credited`,
    lines: [
      {
        description: note.reason,
        note: '',
        quantity: '',
        unitPrice: '',
        amount: plainAmount(subtotal, currency),
      },
    ],
    sums: [
      sum('Subtotal', subtotal, currency),
      ...(tax === 0 ? [] : [sum('Tax', tax, currency)]),
      sum('Credited', total, currency, true),
    ],
    notes: filledTexts([
      off_due === 0 ? '' : `${wholeAmount(off_due, currency)} is taken off what is due of the invoice.`,
      asCredit === 0
        ? ''
        : `${wholeAmount(asCredit, currency)} is prepaid credit, which pays the next invoices.`,
    ]),
  }
}

/** Providers as people know them. */
const providers: Readonly<Record<string, string>> = {
  stripe: 'Stripe',
  paddle: 'Paddle',
  lemonsqueezy: 'Lemon Squeezy',
  paystack: 'Paystack',
  manual: 'Noted by the seller',
  dummy: 'Test payment',
}

const filled = (facts: readonly (readonly [string, string])[]) => facts.filter(([, value]) => value !== '')
const filledTexts = (texts: readonly string[]) => texts.filter((text) => text !== '')

const plainAmount = (minor: number, currency: string): string =>
  formatAmount({ amountMinor: BigInt(minor), currency })

const wholeAmount = (minor: number, currency: string): string =>
  formatMoney({ amountMinor: BigInt(minor), currency })

const sum = (label: string, minor: number, currency: string, isStrong = false): PaperSum => ({
  label,
  amount: wholeAmount(minor, currency),
  isStrong,
})

function common(invoice: Invoice, lines: readonly Line[]) {
  const { seller, buyer } = (invoice.billed_to ?? {}) as { seller?: unknown; buyer?: unknown }
  return {
    number: invoice.number ?? '',
    seller: partyLines(seller),
    buyer: partyLines(buyer),
    currency: invoice.currency,
    lines: lines.filter(({ kind }) => kind !== 'tax').map((line) => paperLine(line, invoice)),
  }
}

function paperLine(line: Line, invoice: Invoice): PaperLine {
  const { description, quantity, unit_price, amount, currency, period_start, period_end } = line
  const isWhole = period_start === invoice.period_start && period_end === invoice.period_end
  // A share of an amount has no price for each.
  const hasPrice = unit_price !== '0' || amount === 0
  return {
    description,
    note: isWhole ? '' : spanText(period_start, period_end),
    quantity: countText(quantity),
    unitPrice: hasPrice ? formatDecimal(unit_price, currency) : '',
    amount: plainAmount(amount, currency),
  }
}

function baseSums(
  { subtotal, total, tax_inclusive, currency }: Invoice,
  lines: readonly Line[],
): readonly PaperSum[] {
  const taxes = lines.filter(({ kind }) => kind === 'tax')
  return [
    sum(tax_inclusive ? 'Without tax' : 'Subtotal', subtotal, currency),
    ...taxes.map(({ description, amount }) => sum(description, amount, currency)),
    sum('Total', total, currency),
  ]
}

/** What lets anybody count again. */
function evidenceNotes({ event_count: events, event_set_hash: hash }: Invoice): readonly string[] {
  if (hash === null || hash === '' || events === 0) return []
  const counted = events === 1 ? 'one usage event' : `${countText(events)} usage events`
  return [`This invoice counts ${counted}. Their list can be downloaded; its SHA-256 is ${hash}.`]
}

/** Lines that come to more than the amount without tax need a word. */
const taxNotes = ({ tax_inclusive }: Invoice): readonly string[] =>
  tax_inclusive ? ['The prices above contain the tax.'] : []

function sellerNotes({ billed_to }: Invoice): readonly string[] {
  const note = ((billed_to ?? {}) as { seller?: { note?: unknown } }).seller?.note
  return typeof note === 'string' && note.trim() !== '' ? [note.trim()] : []
}
