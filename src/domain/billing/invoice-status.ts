import type { Transitions } from '../transitions.ts'

/** How invoices go on (product, section 3). */
export const invoiceTransitions: Transitions = {
  draft: ['open', 'paid'],
  open: ['paid', 'overdue', 'void', 'uncollectible'],
  overdue: ['paid', 'void', 'uncollectible'],
}

/** Statuses of an invoice that somebody still has to pay. */
export const payableStatuses: readonly string[] = ['open', 'overdue']

/** The text of the number of an invoice or a credit note: `INV-2026-000042`. The counter alone goes on over the years. */
export const numberText = (prefix: string, atMs: number, sequence: number): string =>
  `${prefix}-${new Date(atMs).getUTCFullYear()}-${String(sequence).padStart(6, '0')}`
