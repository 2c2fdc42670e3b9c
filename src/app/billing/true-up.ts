import type { Rows } from '#contract/rows.gen.ts'
import { leftOfLines } from '#domain/billing/credit-parts.ts'
import { type InvoiceLineDraft, lineOf } from '#domain/billing/invoice-line.ts'
import type { Call } from '#ports/invoke.ts'
import { creditNoteCalls } from './credit-note.ts'
import { type BillingDependencies, minorNumber, ownCall } from './dependencies.ts'
import type { IssueInvoice } from './issue-invoice.ts'
import { periodOf, type TrueUp } from './late-usage.ts'

/** What late usage adds: a line for each period that it belongs to. */
export function trueUpLines(ups: readonly TrueUp[]): readonly InvoiceLineDraft[] {
  return ups
    .filter(({ differenceMinor }) => differenceMinor > 0n)
    .map(({ invoice, units, differenceMinor }) => {
      const { startMs, endMs } = periodOf(invoice)
      return lineOf(invoice.currency, {
        kind: 'true_up',
        description: `Late usage of the period of ${invoice.number}: ${units} units`,
        amountMinor: differenceMinor,
        fromMs: startMs,
        toMs: endMs,
      })
    })
}

/** What late usage takes back, and how far its periods are billed now; refused where somebody else has billed them meanwhile. */
export function trueUpNotes(
  deps: Pick<BillingDependencies, 'ledger' | 'clock'>,
  up: TrueUp,
): readonly Call[] {
  const { invoice, differenceMinor, ratedThrough, ratedMinor } = up
  const noted = ownCall({
    module: 'invoice',
    action: 'rate_again',
    id: invoice.id,
    input: {
      seen: invoice.rated_through ?? 0,
      rated_through: ratedThrough,
      rated_amount: minorNumber(ratedMinor),
    },
  })
  const leftMinor = leftOf(invoice)
  const isMoreThanLeft = -differenceMinor > leftMinor
  const amountMinor = isMoreThanLeft ? leftMinor : -differenceMinor
  if (amountMinor <= 0n) return [noted]
  const note = {
    origin: `true_up:${invoice.id}:${ratedThrough}`,
    amountMinor,
    reason: `Late usage of the period of ${invoice.number}`,
  }
  return [...creditNoteCalls(deps, invoice, note), noted]
}

/** What can be taken back of an invoice: nothing of one that was never paid for and is not owed any more. */
const leftOf = (invoice: Rows['invoice']): bigint =>
  invoice.status === 'void' || invoice.status === 'uncollectible' ? 0n : leftOfLines(invoice)

/** Bills late usage on invoices of its own, one for each currency; answers how many, or why not. */
export async function issueTrueUps(
  deps: BillingDependencies,
  issue: IssueInvoice,
  subscription: Rows['subscription'],
  ups: readonly TrueUp[],
): Promise<number> {
  let issued = 0
  for (const [currency, some] of Map.groupBy(ups, ({ invoice }) => invoice.currency)) {
    const [first] = some
    const lines = trueUpLines(some)
    const also = some.flatMap((up) => trueUpNotes(deps, up))
    const done =
      lines.length === 0 || first === undefined
        ? await deps.invokeAll(also)
        : await issue({
            organizationId: subscription.organization_id,
            kind: 'true_up',
            origin: `true_up:${subscription.id}:${currency}:${first.ratedThrough}`,
            currency,
            lines,
            subscription,
            original: first.invoice,
            also,
          })
    if (!done.ok)
      deps.log.error({ subscription: subscription.id, reason: done.message }, 'late usage was not billed')
    else if (lines.length > 0) issued += 1
  }
  return issued
}
