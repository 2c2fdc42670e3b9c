import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import type { Rows } from '#contract/rows.gen.ts'
import { decimalAmount, unitPriceText } from '#domain/money.ts'
import type { LedgerCheck } from '#ports/ledger.ts'
import type { UsageStore } from '#ports/usage-store.ts'
import type { BillingDependencies } from './dependencies.ts'
import type { PreviewedInvoice, PreviewInvoice } from './preview-invoice.ts'

/** Minor units as a decimal text of the major unit: `60.00`. */
const amountText = (minor: number, currency: string): string =>
  decimalAmount({ amountMinor: BigInt(minor), currency })

/** An invoice as customers know it: also under the names of billing cycles. */
const cycleOf = (invoice: Rows['invoice']) => ({
  id: invoice.id,
  billing_cycle_id: invoice.id,
  organization_id: invoice.organization_id,
  number: invoice.number,
  kind: invoice.kind,
  period_start: invoice.period_start,
  period_end: invoice.period_end,
  total_requests: invoice.units,
  total_amount: amountText(invoice.total, invoice.currency),
  amount_due: amountText(invoice.amount_due, invoice.currency),
  currency: invoice.currency,
  status: invoice.status === 'open' ? 'pending' : invoice.status,
  due_at: invoice.due_at,
  paid_at: invoice.paid_at,
  created_at: invoice.created_at,
})

/** A preview as plain data. */
export function previewOf({ subscription, periodStart, periodEnd, units, invoice }: PreviewedInvoice) {
  const { currency } = invoice
  const money = (minor: bigint): string => amountText(Number(minor), currency)
  return {
    subscription_id: subscription.id,
    plan_id: subscription.plan_id,
    period_start: periodStart,
    period_end: periodEnd,
    total_requests: units,
    lines: invoice.lines.map((line) => ({
      kind: line.kind,
      description: line.description,
      quantity: line.quantity,
      unit_price: unitPriceText(line.unitMicros),
      amount: money(line.amountMinor),
    })),
    subtotal: money(invoice.subtotalMinor),
    tax: money(invoice.taxMinor),
    tax_inclusive: invoice.isTaxInclusive,
    total_amount: money(invoice.totalMinor),
    credit_applied: money(invoice.creditMinor),
    amount_due: money(invoice.totalMinor - invoice.creditMinor),
    currency,
  }
}

/** What a check of the ledger found, as plain data: JSON knows no whole numbers of that size. */
export const ledgerReport = ({ drifted, unbalanced, ...counts }: LedgerCheck) => ({
  ok: drifted.length === 0 && unbalanced.length === 0,
  ...counts,
  unbalanced,
  drifted: drifted.map(({ account, currency, balanceMinor, summedMinor }) => ({
    account,
    currency,
    balance: String(balanceMinor),
    summed: String(summedMinor),
  })),
})

/** What customers look at of their own. */
export interface OwnBilling {
  usage(organizationId: string, fromMs: number, toMs: number): Promise<OwnUsage>
  /** Invoices that have a number, the youngest first, twenty a page. */
  history(organizationId: string, cursor?: string): Promise<{ cycles: object[]; next: string | undefined }>
  /** What the period that is under way comes to so far, for every subscription that is served. */
  calculate(organizationId: string): Promise<Outcome<object[]>>
}

interface OwnUsage {
  readonly total_requests: number
  readonly total_units: number
  readonly days: readonly { readonly date: string; readonly requests: number; readonly units: number }[]
}

/** Makes the views. */
export function createOwnBilling(
  { records }: Pick<BillingDependencies, 'records'>,
  usageStore: Pick<UsageStore, 'totals'>,
  preview: PreviewInvoice,
): OwnBilling {
  return {
    async usage(organizationId, fromMs, toMs) {
      const query = { fromMs, toMs, granularity: 'day', groupBy: ['start'], organizationId } as const
      const rows = await usageStore.totals(query)
      const days = rows.map(({ start = '', requests, units }) => ({
        date: start.slice(0, 10),
        requests,
        units,
      }))
      return {
        total_requests: days.reduce((sum, day) => sum + day.requests, 0),
        total_units: days.reduce((sum, day) => sum + day.units, 0),
        days,
      }
    },
    async history(organizationId, cursor) {
      const page = await records.list('invoice', {
        where: [
          { field: 'organization_id', op: 'eq', value: organizationId },
          { field: 'status', op: 'ne', value: 'draft' },
        ],
        sort: { field: 'created_at', descending: true },
        limit: 20,
        ...(cursor === undefined ? {} : { cursor }),
      })
      return { cycles: page.items.map(cycleOf), next: page.nextCursor }
    },
    async calculate(organizationId) {
      const { items } = await records.list('subscription', {
        where: [
          { field: 'organization_id', op: 'eq', value: organizationId },
          { field: 'status', op: 'ne', value: 'ended' },
        ],
        limit: 100,
      })
      if (items.length === 0) return refuse('not_found', 'There is no subscription')
      const previews: object[] = []
      for (const { id } of items) {
        const shown = await preview(id)
        if (!shown.ok) return shown
        previews.push(previewOf(shown.value))
      }
      return accept(previews)
    },
  }
}
