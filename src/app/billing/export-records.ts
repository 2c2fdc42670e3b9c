import type { CsvCell } from '#contract/csv.ts'
import type { Rows } from '#contract/rows.gen.ts'
import { decimalAmount } from '#domain/money.ts'
import type { Condition } from '#ports/records.ts'
import type { ExportDependencies, ExportSpan, ExportTable } from './export-money.ts'
import { linesOf } from './invoice-lines.ts'

/** Ten years: what has to be kept for the law in most places. */
const mostDays = 3_660

/** Minor units as a decimal number of the major unit. */
export const decimalText = (minor: bigint | number, currency: string): string =>
  decimalAmount({ amountMinor: BigInt(minor), currency })

function within(field: string, { fromMs, toMs, organizationId }: ExportSpan): readonly Condition[] {
  return [
    { field, op: 'gte', value: new Date(fromMs).toISOString() },
    { field, op: 'lt', value: new Date(toMs).toISOString() },
    ...(organizationId === undefined
      ? []
      : [{ field: 'organization_id', op: 'eq' as const, value: organizationId }]),
  ]
}

type Deps = Pick<ExportDependencies, 'records'>

/** A table whose rows are records. */
function recordsTable<M extends keyof Rows>(
  { records }: Deps,
  module: M,
  time: keyof Rows[M] & string,
  cells: Readonly<Record<string, (row: Rows[M]) => CsvCell>>,
): ExportTable {
  const read = Object.values(cells)
  return {
    columns: Object.keys(cells),
    mostDays,
    async *rows(span) {
      for await (const row of records.each(module, within(time, span))) yield read.map((cell) => cell(row))
    },
  }
}

const buyerOf = ({ billed_to }: Rows['invoice'], part: string): CsvCell => {
  const { buyer } = (billed_to ?? {}) as { buyer?: Readonly<Record<string, unknown>> }
  return typeof buyer?.[part] === 'string' ? buyer[part] : ''
}

/** Invoices that were issued in the time. */
export const invoicesTable = (deps: Deps): ExportTable =>
  recordsTable(deps, 'invoice', 'issued_at', {
    id: ({ id }) => id,
    number: ({ number }) => number,
    organization_id: ({ organization_id }) => organization_id,
    kind: ({ kind }) => kind,
    status: ({ status }) => status,
    issued_at: ({ issued_at }) => issued_at,
    due_at: ({ due_at }) => due_at,
    paid_at: ({ paid_at }) => paid_at,
    period_start: ({ period_start }) => period_start,
    period_end: ({ period_end }) => period_end,
    buyer_name: (invoice) => buyerOf(invoice, 'name'),
    buyer_country: (invoice) => buyerOf(invoice, 'country'),
    buyer_tax_number: (invoice) => buyerOf(invoice, 'tax_number'),
    currency: ({ currency }) => currency,
    subtotal: ({ subtotal, currency }) => decimalText(subtotal, currency),
    tax: ({ tax, currency }) => decimalText(tax, currency),
    tax_country: ({ tax_country }) => tax_country,
    tax_inclusive: ({ tax_inclusive }) => tax_inclusive,
    total: ({ total, currency }) => decimalText(total, currency),
    credit_applied: ({ credit_applied, currency }) => decimalText(credit_applied, currency),
    credited: ({ credited, currency }) => decimalText(credited, currency),
    amount_paid: ({ amount_paid, currency }) => decimalText(amount_paid, currency),
    amount_due: ({ amount_due, currency }) => decimalText(amount_due, currency),
    units: ({ units }) => units,
    payment_provider: ({ payment_provider }) => payment_provider,
    payment_id: ({ payment_id }) => payment_id,
  })

/** The lines of invoices that were issued in the time. */
export const linesTable = ({ records }: Deps): ExportTable => ({
  columns: [
    'invoice',
    'organization_id',
    'issued_at',
    'position',
    'kind',
    'description',
    'quantity',
    'unit_price',
    'amount',
    'currency',
    'period_start',
    'period_end',
  ],
  mostDays,
  async *rows(span) {
    for await (const invoice of records.each('invoice', within('issued_at', span)))
      for (const line of await linesOf(records, invoice.id))
        yield [
          invoice.number,
          invoice.organization_id,
          invoice.issued_at,
          line.position,
          line.kind,
          line.description,
          line.quantity,
          line.unit_price,
          decimalText(line.amount, line.currency),
          line.currency,
          line.period_start,
          line.period_end,
        ]
  },
})

/** Tries to pay that were begun in the time. */
export const paymentsTable = (deps: Deps): ExportTable =>
  recordsTable(deps, 'payment', 'created_at', {
    id: ({ id }) => id,
    organization_id: ({ organization_id }) => organization_id,
    invoice_id: ({ invoice_id }) => invoice_id,
    provider: ({ provider }) => provider,
    method: ({ method }) => method,
    status: ({ status }) => status,
    amount: ({ amount, currency }) => decimalText(amount, currency),
    currency: ({ currency }) => currency,
    invoice_amount: ({ invoice_amount, invoice_currency }) => decimalText(invoice_amount, invoice_currency),
    invoice_currency: ({ invoice_currency }) => invoice_currency,
    flag: ({ flag }) => flag,
    created_at: ({ created_at }) => created_at,
    paid_at: ({ paid_at }) => paid_at,
  })

/** Refunds that were asked for in the time. */
export const refundsTable = (deps: Deps): ExportTable =>
  recordsTable(deps, 'refund', 'created_at', {
    id: ({ id }) => id,
    organization_id: ({ organization_id }) => organization_id,
    payment_id: ({ payment_id }) => payment_id,
    invoice_id: ({ invoice_id }) => invoice_id,
    provider: ({ provider }) => provider,
    status: ({ status }) => status,
    amount: ({ amount, currency }) => decimalText(amount, currency),
    currency: ({ currency }) => currency,
    reason: ({ reason }) => reason,
    created_at: ({ created_at }) => created_at,
    refunded_at: ({ refunded_at }) => refunded_at,
  })

/** Credit notes that were issued in the time. */
export const creditNotesTable = (deps: Deps): ExportTable =>
  recordsTable(deps, 'credit_note', 'created_at', {
    id: ({ id }) => id,
    number: ({ number }) => number,
    organization_id: ({ organization_id }) => organization_id,
    invoice_id: ({ invoice_id }) => invoice_id,
    reason: ({ reason }) => reason,
    subtotal: ({ subtotal, currency }) => decimalText(subtotal, currency),
    tax: ({ tax, currency }) => decimalText(tax, currency),
    total: ({ total, currency }) => decimalText(total, currency),
    off_due: ({ off_due, currency }) => decimalText(off_due, currency),
    currency: ({ currency }) => currency,
    created_at: ({ created_at }) => created_at,
  })
