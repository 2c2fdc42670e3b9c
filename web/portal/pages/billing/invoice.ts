/** An invoice as the server shows it; amounts are minor units. */
export interface Invoice {
  readonly id: string
  readonly number: string | null
  readonly status: string
  readonly currency: string
  readonly period_start: string | null
  readonly period_end: string | null
  readonly units: number
  readonly event_count: number
  readonly event_set_hash: string | null
  readonly subtotal: number
  readonly tax: number
  /** Its lines contain the tax. */
  readonly tax_inclusive: boolean
  readonly total: number
  readonly credit_applied: number
  readonly credited: number
  readonly amount_due: number
  readonly issued_at: string | null
  readonly due_at: string | null
}

/** What is still to be paid of it. */
export const openAmount = ({ status, amount_due }: Invoice): number =>
  status === 'open' || status === 'overdue' ? amount_due : 0

/** When it has to be paid by; of one that is paid, or was taken back, nobody waits for anything. */
export const dueAt = (invoice: Invoice): string | null => (openAmount(invoice) > 0 ? invoice.due_at : null)

const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' })

/** The days of its period, the last one included. */
export function periodText({ period_start: start, period_end: end }: Invoice): string {
  if (start === null || end === null) return '—'
  return day.formatRange(Date.parse(start), Date.parse(end) - 1)
}
