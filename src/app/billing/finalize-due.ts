import type { Rows } from '#contract/rows.gen.ts'
import { type InvoiceLineDraft, lineOf } from '#domain/billing/invoice-line.ts'
import type { TaxRate } from '#domain/billing/tax.ts'
import type { Call } from '#ports/invoke.ts'
import { assembleInvoice } from './assemble-invoice.ts'
import { customerTerms, payeeOf, readTaxRates } from './billing-terms.ts'
import { creditNoteCalls } from './credit-note.ts'
import { type BillingDependencies, minorNumber, ownCall, timeText } from './dependencies.ts'
import { finalizeCalls } from './finalize-calls.ts'
import { periodOf, type TrueUp, trueUpsOf } from './late-usage.ts'
import { rateSubscription } from './rate-subscription.ts'

const invoicesAtOnce = 50

/** What a pass over the drafts has done. */
export interface FinalizedDrafts {
  readonly finalized: number
  readonly failed: number
}

/**
 * Finalizes every draft whose collection window is over: usage up to a cut-off is rated, late usage of earlier periods is added or taken
 * back, and the invoice gets its number. One that cannot be finalized is told in the log and stays a draft; the others go on.
 */
export async function finalizeDue(deps: BillingDependencies): Promise<FinalizedDrafts> {
  const where = [
    { field: 'status', op: 'eq', value: 'draft' },
    { field: 'finalize_at', op: 'lte', value: timeText(deps.clock.now()) },
  ] as const
  const taxRates = await readTaxRates(deps.records)
  let finalized = 0
  let failed = 0
  let batch: Rows['invoice'][] = []
  const flush = async (): Promise<void> => {
    const done = await finalizeBatch(deps, taxRates, batch)
    finalized += done
    failed += batch.length - done
    batch = []
  }
  for await (const draft of deps.records.each('invoice', where)) {
    batch.push(draft)
    if (batch.length === invoicesAtOnce) await flush()
  }
  if (batch.length > 0) await flush()
  return { finalized, failed }
}

async function finalizeBatch(
  deps: BillingDependencies,
  taxRates: readonly TaxRate[],
  drafts: readonly Rows['invoice'][],
): Promise<number> {
  const ends = drafts.map((draft) => periodOf(draft).endMs)
  const cutOff = await deps.cutOff.closeBefore(Math.max(...ends))
  const groups: (readonly Call[])[] = []
  for (const draft of drafts) {
    try {
      groups.push(await callsFor(deps, taxRates, draft, cutOff))
    } catch (error) {
      deps.log.error({ error, invoice: draft.id }, 'an invoice could not be worked out')
    }
  }
  const done = await deps.invokeAll(groups.flat())
  if (done.ok) return groups.length
  let finalized = 0
  for (const draft of drafts) if (await finalizeAlone(deps, taxRates, draft.id, cutOff)) finalized += 1
  return finalized
}

/** One that another process has finalized meanwhile counts as done; credit that was used meanwhile makes it work it out anew. */
async function finalizeAlone(
  deps: BillingDependencies,
  taxRates: readonly TaxRate[],
  id: string,
  cutOff: number,
): Promise<boolean> {
  for (let tries = 1; tries <= 3; tries += 1) {
    const draft = await deps.records.get('invoice', id)
    if (draft?.status !== 'draft') return true
    const done = await deps
      .invokeAll(await callsFor(deps, taxRates, draft, cutOff))
      .catch((error: unknown) => ({
        ok: false as const,
        code: 'internal_error' as const,
        message: String(error),
      }))
    if (done.ok) return true
    if (done.code !== 'conflict') {
      deps.log.error({ invoice: id, reason: done.message }, 'an invoice could not be finalized')
      return false
    }
  }
  return false
}

async function callsFor(
  deps: BillingDependencies,
  taxRates: readonly TaxRate[],
  draft: Rows['invoice'],
  cutOff: number,
): Promise<readonly Call[]> {
  const { records, clock } = deps
  const subscription = await records.get('subscription', draft.subscription_id ?? '')
  if (subscription === undefined) throw new Error('the subscription of a draft is gone')
  const period = periodOf(draft)
  const rated = await rateSubscription(deps, subscription, period, cutOff)
  const ups = await trueUpsOf(deps, subscription, cutOff)
  const payee = await payeeOf(records, subscription.api_id)
  const assembled = await assembleInvoice(
    { records, taxRates, nowMs: clock.now() },
    await customerTerms(records, draft.organization_id),
    {
      currency: draft.currency,
      lines: [...rated.lines, ...trueUpLines(draft.currency, ups)],
      taxAtMs: period.endMs - 1,
      ...(payee === undefined ? {} : { payee }),
    },
  )
  return [
    ...finalizeCalls(deps, draft.id, assembled, {
      ...rated,
      cutOff,
      ratedMinor: rated.netMinor,
    }),
    ...ups.flatMap((up) => trueUpNotes(deps, up)),
  ]
}

/** What late usage adds: a line for each period that it belongs to. */
export function trueUpLines(currency: string, ups: readonly TrueUp[]): readonly InvoiceLineDraft[] {
  return ups
    .filter(({ differenceMinor }) => differenceMinor > 0n)
    .map(({ invoice, units, differenceMinor }) => {
      const { startMs, endMs } = periodOf(invoice)
      return lineOf(currency, {
        kind: 'true_up',
        description: `Late usage of the period of ${invoice.number}: ${units} units`,
        amountMinor: differenceMinor,
        fromMs: startMs,
        toMs: endMs,
      })
    })
}

/** What late usage takes back, and how far its periods are billed now. */
export function trueUpNotes(deps: BillingDependencies, up: TrueUp): readonly Call[] {
  const { invoice, differenceMinor, ratedThrough, ratedMinor } = up
  const noted = ownCall({
    module: 'invoice',
    action: 'rate_again',
    id: invoice.id,
    input: { rated_through: ratedThrough, rated_amount: minorNumber(ratedMinor) },
  })
  if (differenceMinor >= 0n) return [noted]
  const note = {
    origin: `true_up:${invoice.id}:${ratedThrough}`,
    netMinor: -differenceMinor,
    reason: `Late usage of the period of ${invoice.number}`,
  }
  return [...creditNoteCalls(deps, invoice, note), noted]
}
