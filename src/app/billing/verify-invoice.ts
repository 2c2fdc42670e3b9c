import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import type { Rows } from '#contract/rows.gen.ts'
import { receivable } from '#domain/ledger/accounts.ts'
import { unitPriceText } from '#domain/money.ts'
import type { EventSet } from '#ports/usage-evidence.ts'
import type { BillingDependencies } from './dependencies.ts'
import { linesOf } from './invoice-lines.ts'
import { periodOf } from './late-usage.ts'
import { type RatedPeriod, rateSubscription } from './rate-subscription.ts'

/** One thing that was worked out again: what the invoice says and what came out. */
export interface Verification {
  readonly check: string
  readonly stored: string
  readonly recomputed: string
  readonly ok: boolean
}

/** An invoice, worked out again from the raw events. */
export interface VerifiedInvoice {
  readonly invoice_id: string
  readonly number: string | null
  readonly ok: boolean
  readonly checks: readonly Verification[]
}

/** Works an invoice out again, to the smallest unit; of one organization alone where one is given. Nothing is changed. */
export type VerifyInvoice = (idOrNumber: string, within?: string) => Promise<Outcome<VerifiedInvoice>>

/** Finds an invoice by its id or number. */
export async function findInvoice(
  { records }: Pick<BillingDependencies, 'records'>,
  idOrNumber: string,
): Promise<Rows['invoice'] | undefined> {
  return (await records.get('invoice', idOrNumber)) ?? records.getBy('invoice', 'number', idOrNumber)
}

/** The set of events that an invoice counts; undefined for one that counts none. */
export function eventSetOf(invoice: Rows['invoice']): EventSet | undefined {
  const { subscription_id, usage_cutoff } = invoice
  if (subscription_id === null || usage_cutoff === null) return undefined
  const { startMs, endMs } = periodOf(invoice)
  return { subscriptionId: subscription_id, fromMs: startMs, toMs: endMs, upTo: usage_cutoff }
}

/** Makes the check. */
export function createVerifyInvoice(deps: BillingDependencies): VerifyInvoice {
  return async (idOrNumber, within) => {
    const invoice = await findInvoice(deps, idOrNumber)
    const isTheirs = within === undefined || invoice?.organization_id === within
    if (invoice === undefined || !isTheirs) return refuse('not_found', 'There is no such invoice')
    if (invoice.status === 'draft')
      return refuse('illegal_transition', 'The invoice is a draft: there is nothing to verify yet')
    const lines = await linesOf(deps.records, invoice.id)
    const checks = [
      ...sumChecks(invoice, lines),
      ...(await usageChecks(deps, invoice, lines)),
      ...(await lateChecks(deps, invoice, lines)),
      ...(await ledgerChecks(deps, invoice)),
    ]
    const ok = checks.every((check) => check.ok)
    return accept({ invoice_id: invoice.id, number: invoice.number, ok, checks })
  }
}

const compared = (check: string, stored: unknown, recomputed: unknown): Verification => ({
  check,
  stored: String(stored),
  recomputed: String(recomputed),
  ok: String(stored) === String(recomputed),
})

const sumOf = (lines: readonly { readonly amount: number }[]): number =>
  lines.reduce((sum, { amount }) => sum + amount, 0)

function sumChecks(invoice: Rows['invoice'], lines: readonly Rows['invoice_line'][]): Verification[] {
  const taxes = lines.filter(({ kind }) => kind === 'tax')
  const { subtotal, tax, total, tax_inclusive } = invoice
  const charged = sumOf(lines) - sumOf(taxes)
  return [
    compared('subtotal is the sum of the lines', subtotal, tax_inclusive ? charged - tax : charged),
    compared('tax is the sum of its lines', tax, sumOf(taxes)),
    compared('total', total, subtotal + tax),
  ]
}

async function usageChecks(
  deps: BillingDependencies,
  invoice: Rows['invoice'],
  lines: readonly Rows['invoice_line'][],
): Promise<Verification[]> {
  const set = eventSetOf(invoice)
  const subscription = await deps.records.get('subscription', invoice.subscription_id ?? '')
  if (set === undefined || subscription === undefined) return []
  const rated = await rateSubscription(deps, subscription, periodOf(invoice), set.upTo)
  const own = lines.filter(({ kind }) => kind !== 'tax' && kind !== 'true_up')
  return [
    compared('events', invoice.event_count, rated.events),
    compared('units', invoice.units, rated.units),
    compared('event set hash', invoice.event_set_hash, rated.hash),
    compared('lines', own.map(storedText).join('; '), rated.lines.map(ratedText).join('; ')),
  ]
}

const storedText = (line: Rows['invoice_line']): string =>
  `${line.kind} ${line.quantity} x ${line.unit_price} = ${line.amount}`

const ratedText = (line: RatedPeriod['lines'][number]): string =>
  `${line.kind} ${line.quantity} x ${unitPriceText(line.unitMicros)} = ${line.amountMinor}`

/** What came late for its period stands on later invoices and credit notes: together they are the period. */
async function lateChecks(
  deps: BillingDependencies,
  invoice: Rows['invoice'],
  lines: readonly Rows['invoice_line'][],
): Promise<Verification[]> {
  const subscription = await deps.records.get('subscription', invoice.subscription_id ?? '')
  if (invoice.kind !== 'period' || subscription === undefined || invoice.rated_through === null) return []
  // Nothing is left of it that late usage could have taken back.
  if (invoice.status === 'void' || invoice.status === 'uncollectible') return []
  if (invoice.credited_subtotal > 0 && invoice.credited_subtotal === invoice.subtotal) return []
  const rated = await rateSubscription(deps, subscription, periodOf(invoice), invoice.rated_through)
  let billed = sumOf(lines.filter(({ kind }) => kind !== 'tax' && kind !== 'true_up'))
  const later = [
    { field: 'organization_id', op: 'eq', value: invoice.organization_id },
    { field: 'kind', op: 'eq', value: 'true_up' },
    { field: 'period_start', op: 'eq', value: invoice.period_start },
    { field: 'period_end', op: 'eq', value: invoice.period_end },
  ] as const
  for await (const line of deps.records.each('invoice_line', later)) {
    const on = await deps.records.get('invoice', line.invoice_id)
    if (on?.subscription_id === invoice.subscription_id && on.status !== 'void') billed += line.amount
  }
  const notes = [{ field: 'invoice_id', op: 'eq', value: invoice.id }] as const
  for await (const note of deps.records.each('credit_note', notes))
    if (note.origin.startsWith('true_up:')) billed -= invoice.tax_inclusive ? note.total : note.subtotal
  return [compared('the period with its late usage', billed, rated.netMinor)]
}

async function ledgerChecks(deps: BillingDependencies, invoice: Rows['invoice']): Promise<Verification[]> {
  const entries = await deps.ledger.entriesOf(invoice.id)
  const finalized = entries.find(({ kind }) => kind === 'invoice_finalized')
  const owed = finalized?.rows.find(({ account }) => account === receivable(invoice.organization_id))
  const expected = invoice.total - invoice.credit_applied
  return [compared('what the ledger says is owed', expected, owed?.amountMinor ?? 0)]
}
