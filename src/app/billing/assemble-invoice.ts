import { Fault } from '#contract/outcome.ts'
import { type CreditUse, drawCredit } from '#domain/billing/draw-credit.ts'
import { type InvoiceLineDraft, taxLine } from '#domain/billing/invoice-line.ts'
import { ratesFor, type TaxRate, taxOn } from '#domain/billing/tax.ts'
import type { Records } from '#ports/records.ts'
import { type CustomerTerms, partiesOf, type Seller } from './billing-terms.ts'

/** An invoice worked out: everything that is written when it is finalized. */
export interface AssembledInvoice {
  readonly organizationId: string
  readonly currency: string
  readonly lines: readonly InvoiceLineDraft[]
  /** Without tax. */
  readonly subtotalMinor: bigint
  readonly taxMinor: bigint
  /** True where the lines contain the tax. */
  readonly isTaxInclusive: boolean
  readonly taxCountry: string
  readonly totalMinor: bigint
  readonly creditUses: readonly CreditUse[]
  readonly creditMinor: bigint
  readonly billedTo: object
  readonly dueAtMs: number
  readonly sellsCredit: boolean
  readonly payee: { readonly payeeId: string; readonly feeBasisPoints: number } | undefined
}

const dayMs = 86_400_000

/** Adds tax, prepaid credit, the parties and the date to lines. Throws when the lines come to less than nothing. */
export async function assembleInvoice(
  {
    records,
    taxRates,
    seller,
    nowMs,
  }: { records: Records; taxRates: readonly TaxRate[]; seller: Seller; nowMs: number },
  customer: CustomerTerms,
  what: {
    readonly currency: string
    readonly lines: readonly InvoiceLineDraft[]
    /** As of when tax is taken: the last moment of what is sold. */
    readonly taxAtMs: number
    readonly sellsCredit?: boolean
    readonly payee?: AssembledInvoice['payee']
  },
): Promise<AssembledInvoice> {
  const { organization, profile } = customer
  const { currency, sellsCredit = false } = what
  const linesMinor = sumOf(what.lines)
  if (linesMinor < 0n) throw new Fault('internal_error', 'an invoice cannot come to less than nothing')
  const rates = ratesFor(taxRates, {
    organizationId: organization.id,
    country: profile?.country ?? '',
    isExempt: sellsCredit || profile?.tax_exempt === true,
    atMs: what.taxAtMs,
  })
  const taxed = taxOn(linesMinor, rates)
  const taxes = taxed.charges.map((charge) => taxLine(currency, charge))
  const taxMinor = sumOf(taxes)
  const totalMinor = taxed.netMinor + taxMinor
  const creditUses = sellsCredit
    ? []
    : drawCredit(totalMinor, await usableCredit(records, organization.id, currency), nowMs)
  return {
    organizationId: organization.id,
    currency,
    lines: [...what.lines, ...taxes],
    subtotalMinor: taxed.netMinor,
    taxMinor,
    isTaxInclusive: taxed.isInclusive,
    taxCountry: rates[0]?.country ?? '',
    totalMinor,
    creditUses,
    creditMinor: sumOf(creditUses),
    billedTo: partiesOf(seller, customer),
    dueAtMs: nowMs + customer.termsDays * dayMs,
    sellsCredit,
    payee: what.payee,
  }
}

const sumOf = (parts: readonly { readonly amountMinor: bigint }[]): bigint =>
  parts.reduce((sum, { amountMinor }) => sum + amountMinor, 0n)

/** The prepaid credit of a customer in a currency that is not used up. */
export async function usableCredit(records: Records, organizationId: string, currency: string) {
  const { items } = await records.list('credit_grant', {
    where: [
      { field: 'organization_id', op: 'eq', value: organizationId },
      { field: 'currency', op: 'eq', value: currency },
      { field: 'status', op: 'eq', value: 'active' },
    ],
    limit: 500,
  })
  return items.map(({ id, remaining, priority, expires_at, created_at }) => ({
    id,
    remainingMinor: BigInt(remaining ?? 0),
    priority,
    expiresAtMs: expires_at === null ? null : Date.parse(expires_at),
    createdAt: created_at,
  }))
}
