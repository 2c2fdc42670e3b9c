import type { Leases } from '#ports/leases.ts'
import type { SendMail } from '#ports/mail.ts'
import { billLateUsage } from './bill-late-usage.ts'
import type { CarryOut } from './carry-out.ts'
import { closePeriods } from './close-periods.ts'
import { type BillingDependencies, ownCall, timeText } from './dependencies.ts'
import { createVoidInvoice } from './end-invoice.ts'
import { finalizeDue } from './finalize-due.ts'
import type { IssueInvoice } from './issue-invoice.ts'
import { mailInvoices } from './mail-invoices.ts'
import type { PrepaidCredit } from './prepaid-credit.ts'

/** What a run has done; all 0 when there was nothing to do. */
export interface BillingRun {
  readonly drafted: number
  readonly finalized: number
  readonly failed: number
  readonly late: number
  readonly overdue: number
  /** Credit that nobody used in time, and orders of credit that nobody paid. */
  readonly expired: number
  readonly topped_up: number
  readonly mailed: number
}

/** Does everything that is due; `busy` while another process does. Run again, it does nothing twice. */
export type RunBilling = () => Promise<BillingRun | 'busy'>

const leaseName = 'billing'
/** Longer than any step between two renewals; a process that dies is waited for that long. */
const leaseMs = 10 * 60_000
const usualWindowMinutes = 60

/** The biller. Who keeps a way to pay is collected from by what watches invoices, also those of this run. */
export function createRunBilling(
  deps: BillingDependencies & {
    readonly leases: Leases
    readonly sendMail: SendMail
    readonly issue: IssueInvoice
    readonly credit: PrepaidCredit
    /** What time has brought to subscriptions, which invoices are worked out from. */
    readonly carryOut: CarryOut
    /** Told what the ledger is out of balance by, after each run. */
    readonly imbalance: (amountMinor: number) => void
  },
): RunBilling {
  const { leases, clock, credit, issue, ids } = deps

  async function run(renew: () => Promise<void>): Promise<BillingRun> {
    await deps.carryOut()
    await renew()
    const closed = await closePeriods(deps, await collectionWindowMs(deps))
    await renew()
    const expired = await credit.expire()
    const finalizing = await finalizeDue(deps)
    await renew()
    const late = await billLateUsage(deps, issue)
    const { overdue, lapsed } = await fallOverdue(deps)
    const toppedUp = await credit.topUp()
    await renew()
    const mailed = await mailInvoices(deps, deps.sendMail)
    deps.imbalance(Number(await deps.ledger.imbalance()))
    const { drafted } = closed
    const { finalized } = finalizing
    const failed = closed.failed + finalizing.failed
    return {
      drafted,
      finalized,
      failed,
      late,
      overdue,
      expired: expired + lapsed,
      topped_up: toppedUp.length,
      mailed,
    }
  }

  return async () => {
    const holder = ids.next('run')
    const take = () => leases.take(leaseName, holder, clock.now(), clock.now() + leaseMs)
    if (!(await take())) return 'busy'
    try {
      return await run(async () => void (await take()))
    } finally {
      await leases.release(leaseName, holder)
    }
  }
}

async function collectionWindowMs({ records }: BillingDependencies): Promise<number> {
  const setting = await records.getBy('setting', 'key', 'billing.collection_window_minutes')
  return Number(setting?.value || usualWindowMinutes) * 60_000
}

/** Notes every open invoice whose day has passed. What is credit that was only ordered is owed by nobody: it lapses. */
async function fallOverdue(deps: BillingDependencies): Promise<{ overdue: number; lapsed: number }> {
  const { records, invokeAll, clock } = deps
  const voidInvoice = createVoidInvoice(deps)
  const where = [
    { field: 'status', op: 'eq', value: 'open' },
    { field: 'due_at', op: 'lt', value: timeText(clock.now()) },
  ] as const
  let [overdue, lapsed] = [0, 0]
  for await (const { id, kind, credited } of records.each('invoice', where)) {
    const isOrder = kind === 'credit' && credited === 0
    if (isOrder && (await isBeingPaid(records, id))) continue
    if (isOrder && (await voidInvoice(id)).ok) lapsed += 1
    if (isOrder) continue
    if ((await invokeAll([ownCall({ module: 'invoice', action: 'fall_overdue', id })])).ok) overdue += 1
  }
  return { overdue, lapsed }
}

async function isBeingPaid(records: BillingDependencies['records'], invoiceId: string): Promise<boolean> {
  const { items } = await records.list('payment', {
    where: [
      { field: 'invoice_id', op: 'eq', value: invoiceId },
      { field: 'status', op: 'eq', value: 'processing' },
    ],
    limit: 1,
  })
  return items.length > 0
}
