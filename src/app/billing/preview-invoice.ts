import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import type { Rows } from '#contract/rows.gen.ts'
import { type AssembledInvoice, assembleInvoice } from './assemble-invoice.ts'
import { customerTerms, readSeller, readTaxRates } from './billing-terms.ts'
import type { BillingDependencies } from './dependencies.ts'
import { trueUpsOf } from './late-usage.ts'
import { rateSubscription } from './rate-subscription.ts'
import { trueUpLines } from './true-up.ts'

/** What the period that is under way comes to so far, as the invoice would say it. */
export interface PreviewedInvoice {
  readonly subscription: Rows['subscription']
  readonly periodStart: string
  readonly periodEnd: string
  readonly units: number
  readonly invoice: AssembledInvoice
}

/** Works out the invoice of the period that is under way; nothing is changed. */
export type PreviewInvoice = (subscriptionId: string) => Promise<Outcome<PreviewedInvoice>>

/** Makes the preview. */
export function createPreviewInvoice(deps: BillingDependencies): PreviewInvoice {
  const { records, clock } = deps
  return async (subscriptionId) => {
    const subscription = await records.get('subscription', subscriptionId)
    if (subscription === undefined) return refuse('not_found', 'There is no such subscription')
    const periodStart = String(subscription.current_period_start)
    const periodEnd = String(subscription.current_period_end)
    const period = { startMs: Date.parse(periodStart), endMs: Date.parse(periodEnd) }
    const upTo = await deps.cutOff.closeBefore(0)
    const rated = await rateSubscription(deps, subscription, period, upTo)
    const ups = (await trueUpsOf(deps, subscription, upTo)).filter(
      (up) => up.invoice.currency === rated.currency,
    )
    const invoice = await assembleInvoice(
      {
        records,
        taxRates: await readTaxRates(records),
        seller: await readSeller(records),
        nowMs: clock.now(),
      },
      await customerTerms(records, subscription.organization_id),
      {
        currency: rated.currency,
        lines: [...rated.lines, ...trueUpLines(ups)],
        taxAtMs: period.endMs - 1,
      },
    )
    return accept({ subscription, periodStart, periodEnd, units: rated.units, invoice })
  }
}
