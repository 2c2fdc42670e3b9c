import { createPrintPaper } from '#adapters/pdf/print-paper.ts'
import { readCron } from '#adapters/schedule/cron.ts'
import { createLeases } from '#adapters/sql/leases.ts'
import { createLedgerBook } from '#adapters/sql/ledger-book.ts'
import { createReadLedgerRows } from '#adapters/sql/ledger-rows.ts'
import { createLedger } from '#adapters/sql/ledger-store.ts'
import { createUsageCutOff } from '#adapters/sql/usage-clock.ts'
import { createUsageEvidence } from '#adapters/sql/usage-evidence.ts'
import { createOwnBilling, ledgerReport, type OwnBilling, previewOf } from '#app/billing/billing-views.ts'
import { createIssueCreditNote, type IssueCreditNote } from '#app/billing/credit-note.ts'
import type { BillingDependencies } from '#app/billing/dependencies.ts'
import { createVoidInvoice, createWriteOffInvoice, type EndInvoice } from '#app/billing/end-invoice.ts'
import { createExportMoney, type ExportMoney } from '#app/billing/export-money.ts'
import { createIssueInvoice, type IssueInvoice } from '#app/billing/issue-invoice.ts'
import { mailInvoices } from '#app/billing/mail-invoices.ts'
import { createPrepaidCredit, type PrepaidCredit } from '#app/billing/prepaid-credit.ts'
import { createPreviewInvoice } from '#app/billing/preview-invoice.ts'
import { createInvoicePapers, type InvoicePapers } from '#app/billing/print-invoices.ts'
import { createReadEventSet, type EventSets } from '#app/billing/read-event-set.ts'
import { createRevenueReport, type ReportRevenue } from '#app/billing/revenue-report.ts'
import { createRunBilling, type RunBilling } from '#app/billing/run-billing.ts'
import { scheduleTopUps } from '#app/billing/schedule-top-ups.ts'
import { createSettleInvoice, type SettleInvoice } from '#app/billing/settle-invoice.ts'
import { createReadStandingCredit } from '#app/billing/standing-credit.ts'
import { createVerifyInvoice, type VerifyInvoice } from '#app/billing/verify-invoice.ts'
import { createNarrowGate } from '#app/identity/narrow-gate.ts'
import { accept, type Outcome } from '#contract/outcome.ts'
import type { Ledger } from '#ports/ledger.ts'
import type { LedgerBook } from '#ports/ledger-book.ts'
import type { UsageStore } from '#ports/usage-store.ts'
import { collectSooner } from './collect-sooner.ts'
import type { House } from './open-house.ts'
import type { Subscriptions } from './open-subscriptions.ts'

/** The money of an instance. */
export interface Billing {
  readonly ledger: Ledger
  /** The ledger for those who read it. */
  readonly book: LedgerBook
  readonly reportRevenue: ReportRevenue
  readonly eventSets: EventSets
  readonly own: OwnBilling
  readonly run: RunBilling
  readonly issue: IssueInvoice
  readonly settle: SettleInvoice
  readonly creditNote: IssueCreditNote
  readonly voidInvoice: EndInvoice
  readonly writeOff: EndInvoice
  readonly credit: PrepaidCredit
  /** The invoice of the running period as it would be now, as plain data. */
  readonly show: (subscriptionId: string) => Promise<Outcome<ReturnType<typeof previewOf>>>
  /** Recounts the ledger. */
  readonly checkLedger: () => Promise<Outcome<ReturnType<typeof ledgerReport>>>
  readonly verify: VerifyInvoice
  /** Tables of money and of use as CSV. */
  readonly exportMoney: ExportMoney
  /** Invoices, receipts and credit notes as PDF. */
  readonly papers: InvoicePapers
  /** Sends the mails that invoices owe, as every run does. */
  mail(): Promise<number>
  /** Says who is told, after each run, what the ledger is out of balance by. */
  watchImbalance(tell: (amountMinor: number) => void): void
}

type Parts = Pick<House, 'engine' | 'database' | 'clock' | 'ids' | 'log' | 'jobs' | 'mails'> & {
  readonly usageStore: UsageStore
  readonly subscriptions: Pick<Subscriptions, 'carryOut'>
}

const jobName = 'billing.run'
/** At five past every hour: the collection window of an hour is over then. */
const hourly = '5 * * * *'

/** Joins the flows of money of a house, and lets the queue run the biller every hour. */
export function openBilling(house: Parts): Billing {
  const { db } = house.database
  let tell = (_amountMinor: number): void => undefined
  const deps: BillingDependencies = {
    records: house.engine.records,
    invokeAll: house.engine.invokeAll,
    ledger: createLedger(db),
    evidence: createUsageEvidence(db),
    cutOff: createUsageCutOff(db),
    clock: house.clock,
    ids: house.ids,
    log: house.log,
  }
  const book = createLedgerBook(db)
  const issue = createIssueInvoice(deps)
  const standing = createReadStandingCredit({ ...deps, usageStore: house.usageStore })
  const credit = createPrepaidCredit(deps, issue, standing)
  const preview = createPreviewInvoice(deps)
  const runBilling = createRunBilling({
    ...deps,
    leases: createLeases(db),
    sendMail: house.mails.send,
    issue,
    credit,
    carryOut: house.subscriptions.carryOut,
    imbalance: (amountMinor) => tell(amountMinor),
  })
  const run: RunBilling = () => collectSooner(runBilling)
  house.jobs.queue.register(jobName, async () => accept(await run()))
  const recurrence = readCron(hourly)
  if (recurrence.ok)
    house.jobs.queue.recurring(async () => [
      { schedule: `billing ${hourly}`, recurrence: recurrence.value, name: jobName, payload: {} },
    ])
  scheduleTopUps({ queue: house.jobs.queue, records: deps.records, credit, readRecurrence: readCron })
  return {
    ledger: deps.ledger,
    book,
    reportRevenue: createRevenueReport({ ...deps, book }),
    eventSets: createReadEventSet(deps),
    own: createOwnBilling(deps, house.usageStore, preview),
    run,
    issue,
    settle: createSettleInvoice(deps),
    creditNote: createIssueCreditNote(deps),
    voidInvoice: createVoidInvoice(deps),
    writeOff: createWriteOffInvoice(deps),
    credit,
    async show(subscriptionId) {
      const shown = await preview(subscriptionId)
      return shown.ok ? accept(previewOf(shown.value)) : shown
    },
    checkLedger: async () => accept(ledgerReport(await deps.ledger.check())),
    verify: createVerifyInvoice(deps),
    exportMoney: createExportMoney({
      records: deps.records,
      ledgerRows: createReadLedgerRows(db),
      usageStore: house.usageStore,
    }),
    papers: createInvoicePapers({
      records: deps.records,
      print: createPrintPaper(),
      gate: createNarrowGate({ mostAtOnce: 2, mostWaiting: 32 }),
    }),
    mail: () => mailInvoices(deps, house.mails.send),
    watchImbalance(next) {
      tell = next
    },
  }
}
