import type { Rows } from '#contract/rows.gen.ts'
import { finalizedEntry, type InvoiceAmounts, paidEntry } from '#domain/ledger/invoice-entries.ts'
import { unitPriceText } from '#domain/money.ts'
import type { Call } from '#ports/invoke.ts'
import type { AssembledInvoice } from './assemble-invoice.ts'
import { type BillingDependencies, minorNumber, ownCall, timeText } from './dependencies.ts'

/** What an invoice says about the usage behind it. */
export interface CountedUsage {
  readonly units: number
  readonly events: number
  readonly hash: string
  readonly cutOff: number
  /** What the period comes to without taxes, before late usage of other periods. */
  readonly ratedMinor: bigint
}

/**
 * The writes that give a draft its lines and its number, use credit and post to the ledger; to be done in one transaction. The draft is
 * named by its id, or by its origin where the same transaction makes it.
 */
export function finalizeCalls(
  { ledger, clock }: Pick<BillingDependencies, 'ledger' | 'clock'>,
  draft: string,
  invoice: AssembledInvoice,
  usage?: CountedUsage,
): readonly Call[] {
  const { organizationId, currency } = invoice
  const lines = invoice.lines.map((line, index) =>
    ownCall({
      module: 'invoice_line',
      action: 'create',
      input: {
        organization_id: organizationId,
        invoice_id: draft,
        position: index + 1,
        kind: line.kind,
        description: line.description,
        quantity: line.quantity,
        unit_price: unitPriceText(line.unitMicros),
        amount: minorNumber(line.amountMinor),
        currency,
        ...(line.fromMs === undefined ? {} : { period_start: timeText(line.fromMs) }),
        ...(line.toMs === undefined ? {} : { period_end: timeText(line.toMs) }),
      },
    }),
  )
  const credits = invoice.creditUses.map(({ id, amountMinor }) =>
    ownCall({ module: 'credit_grant', action: 'use', id, input: { used: minorNumber(amountMinor) } }),
  )
  const finalize = ownCall({
    module: 'invoice',
    action: 'finalize',
    id: draft,
    input: { ...amountFields(invoice), ...usageFields(usage) },
    async beforeCommit(transaction, { row }) {
      const stored = row as unknown as Rows['invoice']
      const amounts = amountsOf(invoice, stored.id)
      await ledger.post(transaction, finalizedEntry(amounts), clock.now())
      if (stored.status === 'paid')
        await ledger.post(transaction, paidEntry(amounts, 'credit', 0n), clock.now())
    },
  })
  return [...lines, ...credits, finalize]
}

function amountFields(invoice: AssembledInvoice) {
  return {
    subtotal: minorNumber(invoice.subtotalMinor),
    tax: minorNumber(invoice.taxMinor),
    tax_country: invoice.taxCountry,
    tax_inclusive: invoice.isTaxInclusive,
    total: minorNumber(invoice.totalMinor),
    credit_applied: minorNumber(invoice.creditMinor),
    platform_fee_bp: invoice.payee?.feeBasisPoints ?? 0,
    billed_to: invoice.billedTo,
    due_at: timeText(invoice.dueAtMs),
  }
}

function usageFields(usage: CountedUsage | undefined) {
  if (usage === undefined) return {}
  return {
    units: usage.units,
    event_count: usage.events,
    event_set_hash: usage.hash,
    usage_cutoff: usage.cutOff,
    rated_through: usage.cutOff,
    rated_amount: minorNumber(usage.ratedMinor),
  }
}

function amountsOf(invoice: AssembledInvoice, invoiceId: string): InvoiceAmounts {
  return {
    invoiceId,
    organizationId: invoice.organizationId,
    currency: invoice.currency,
    netMinor: invoice.subtotalMinor,
    taxMinor: invoice.taxMinor,
    taxCountry: invoice.taxCountry,
    creditMinor: invoice.creditMinor,
    sellsCredit: invoice.sellsCredit,
    ...shareOf(invoice.payee?.payeeId ?? null, invoice.payee?.feeBasisPoints ?? 0, invoice.subtotalMinor),
  }
}

/** The part of a creator, with our fee rounded half up once. */
export function shareOf(payeeId: string | null, feeBasisPoints: number, netMinor: bigint) {
  if (payeeId === null) return {}
  return { share: { payeeId, feeMinor: (netMinor * BigInt(feeBasisPoints) + 5_000n) / 10_000n } }
}

/**
 * The share of a part that is taken back of an invoice: that of what is left before, less that of what is left after, so that parts come
 * to exactly the whole.
 */
export function shareBack(
  invoice: Pick<Rows['invoice'], 'payee_id' | 'platform_fee_bp' | 'subtotal' | 'credited_subtotal'>,
  netMinor: bigint,
) {
  const { payee_id, platform_fee_bp, subtotal, credited_subtotal } = invoice
  const left = BigInt(subtotal - credited_subtotal)
  const before = shareOf(payee_id, platform_fee_bp, left).share
  const after = shareOf(payee_id, platform_fee_bp, left - netMinor).share
  if (before === undefined || after === undefined) return {}
  return { share: { payeeId: before.payeeId, feeMinor: before.feeMinor - after.feeMinor } }
}

/** A finalized invoice as the ledger knows it now, credit notes taken off. */
export function storedAmounts(invoice: Rows['invoice']): InvoiceAmounts {
  const netMinor = BigInt(invoice.subtotal - invoice.credited_subtotal)
  return {
    invoiceId: invoice.id,
    organizationId: invoice.organization_id,
    currency: invoice.currency,
    netMinor,
    taxMinor: BigInt(invoice.tax - (invoice.credited - invoice.credited_subtotal)),
    taxCountry: invoice.tax_country ?? '',
    creditMinor: BigInt(invoice.credit_applied),
    sellsCredit: invoice.kind === 'credit',
    ...shareOf(invoice.payee_id, invoice.platform_fee_bp, netMinor),
  }
}
