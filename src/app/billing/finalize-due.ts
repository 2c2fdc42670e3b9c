import type { Rows } from '#contract/rows.gen.ts'
import type { TaxRate } from '#domain/billing/tax.ts'
import type { Call } from '#ports/invoke.ts'
import { assembleInvoice } from './assemble-invoice.ts'
import { customerTerms, payeeOf, readSeller, readTaxRates, type Seller } from './billing-terms.ts'
import { type BillingDependencies, timeText } from './dependencies.ts'
import { finalizeCalls } from './finalize-calls.ts'
import type { IssueInvoice } from './issue-invoice.ts'
import { periodOf, type TrueUp, trueUpsOf } from './late-usage.ts'
import { rateSubscription } from './rate-subscription.ts'
import { issueTrueUps, trueUpLines, trueUpNotes } from './true-up.ts'

const invoicesAtOnce = 50

/** What a pass over the drafts has done. */
export interface FinalizedDrafts {
  readonly finalized: number
  readonly failed: number
}

/** What all invoices of a pass have in common is read once. */
type Finalizing = BillingDependencies & {
  readonly issue: IssueInvoice
  readonly taxRates: readonly TaxRate[]
  readonly seller: Seller
  readonly payee: (apiId: string | null) => ReturnType<typeof payeeOf>
}

/** The writes that finalize a draft, and the late usage that cannot stand on it: that of periods in another currency. */
interface WorkedOut {
  readonly calls: readonly Call[]
  readonly subscription: Rows['subscription']
  readonly others: readonly TrueUp[]
}

/**
 * Finalizes every draft whose collection window is over: usage up to a cut-off is rated, late usage of earlier periods is added or taken
 * back, and the invoice gets its number. One that cannot be finalized is told in the log and stays a draft; the others go on.
 */
export async function finalizeDue(
  given: BillingDependencies & { readonly issue: IssueInvoice },
): Promise<FinalizedDrafts> {
  const { records } = given
  const deps: Finalizing = {
    ...given,
    taxRates: await readTaxRates(records),
    seller: await readSeller(records),
    payee: rememberPayees(records),
  }
  const where = [
    { field: 'status', op: 'eq', value: 'draft' },
    { field: 'finalize_at', op: 'lte', value: timeText(deps.clock.now()) },
  ] as const
  let finalized = 0
  let failed = 0
  const batch = new Map<string, Rows['invoice']>()
  const flush = async (): Promise<void> => {
    const done = await finalizeBatch(deps, [...batch.values()])
    finalized += done
    failed += batch.size - done
    batch.clear()
  }
  for await (const draft of deps.records.each('invoice', where)) {
    const of = draft.subscription_id ?? draft.id
    // What came late for an earlier period belongs on one of them: the second one must see the first one finalized.
    if (batch.has(of) || batch.size === invoicesAtOnce) await flush()
    batch.set(of, draft)
  }
  if (batch.size > 0) await flush()
  return { finalized, failed }
}

async function finalizeBatch(deps: Finalizing, drafts: readonly Rows['invoice'][]): Promise<number> {
  const ends = drafts.map((draft) => periodOf(draft).endMs)
  const cutOff = await deps.cutOff.closeBefore(Math.max(...ends))
  const works: WorkedOut[] = []
  for (const draft of drafts) {
    try {
      works.push(await workOut(deps, draft, cutOff))
    } catch (error) {
      deps.log.error({ error, invoice: draft.id }, 'an invoice could not be worked out')
    }
  }
  const done = await deps.invokeAll(works.flatMap(({ calls }) => calls))
  if (done.ok) {
    for (const work of works) await issueOthers(deps, work)
    return works.length
  }
  let finalized = 0
  for (const draft of drafts) if (await finalizeAlone(deps, draft.id, cutOff)) finalized += 1
  return finalized
}

/** One that another process has finalized meanwhile counts as done; credit that was used meanwhile makes it work it out anew. */
async function finalizeAlone(deps: Finalizing, id: string, cutOff: number): Promise<boolean> {
  for (let tries = 1; tries <= 3; tries += 1) {
    const draft = await deps.records.get('invoice', id)
    if (draft?.status !== 'draft') return true
    const done = await tryAlone(deps, draft, cutOff).catch((error: unknown) => ({
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

async function tryAlone(deps: Finalizing, draft: Rows['invoice'], cutOff: number) {
  const work = await workOut(deps, draft, cutOff)
  const done = await deps.invokeAll(work.calls)
  if (done.ok) await issueOthers(deps, work)
  return done
}

/** A death before this leaves them for the next invoice of the subscription. */
const issueOthers = (deps: Finalizing, { subscription, others }: WorkedOut): Promise<number> =>
  issueTrueUps(deps, deps.issue, subscription, others)

async function workOut(deps: Finalizing, draft: Rows['invoice'], cutOff: number): Promise<WorkedOut> {
  const { records, clock, taxRates, seller } = deps
  const subscription = await records.get('subscription', draft.subscription_id ?? '')
  if (subscription === undefined) throw new Error('the subscription of a draft is gone')
  const period = periodOf(draft)
  const rated = await rateSubscription(deps, subscription, period, cutOff)
  const late = await trueUpsOf(deps, subscription, cutOff)
  const ups = late.filter(({ invoice }) => invoice.currency === draft.currency)
  const payee = await deps.payee(subscription.api_id)
  const assembled = await assembleInvoice(
    { records, taxRates, seller, nowMs: clock.now() },
    await customerTerms(records, draft.organization_id),
    {
      currency: draft.currency,
      lines: [...rated.lines, ...trueUpLines(ups)],
      taxAtMs: period.endMs - 1,
      ...(payee === undefined ? {} : { payee }),
    },
  )
  const calls = [
    ...finalizeCalls(deps, draft.id, assembled, { ...rated, cutOff, ratedMinor: rated.netMinor }),
    ...ups.flatMap((up) => trueUpNotes(deps, up)),
  ]
  return { calls, subscription, others: late.filter((up) => !ups.includes(up)) }
}

function rememberPayees(records: BillingDependencies['records']): Finalizing['payee'] {
  const known = new Map<string | null, ReturnType<typeof payeeOf>>()
  return (apiId) => {
    const payee = known.get(apiId) ?? payeeOf(records, apiId)
    known.set(apiId, payee)
    return payee
  }
}
