import { type CsvCell, csvLine } from '#contract/csv.ts'
import { accept, type Outcome, refuse, refuseFields } from '#contract/outcome.ts'
import type { ReadLedgerRows } from '#ports/ledger-rows.ts'
import type { Records } from '#ports/records.ts'
import type { UsageStore } from '#ports/usage-store.ts'
import { creditNotesTable, invoicesTable, linesTable, paymentsTable, refundsTable } from './export-records.ts'
import { ledgerTable, usageTable } from './export-sums.ts'

/** What an export is about. Everything of [fromMs, toMs), of one organization alone where one is given. */
export interface ExportSpan {
  readonly fromMs: number
  readonly toMs: number
  readonly organizationId?: string
}

/** A table as it is exported: its headings, and its rows as they are read. */
export interface ExportTable {
  readonly columns: readonly string[]
  readonly rows: (span: ExportSpan) => AsyncIterable<readonly CsvCell[]>
  /** The longest time that it can be asked for at once. */
  readonly mostDays: number
}

/** What tables are read from. */
export interface ExportDependencies {
  readonly records: Records
  readonly ledgerRows: ReadLedgerRows
  readonly usageStore: Pick<UsageStore, 'totals'>
}

/** An export as a file. */
export interface MoneyExport {
  readonly fileName: string
  /** CSV (RFC 4180, UTF-8), line by line. */
  readonly lines: AsyncGenerator<string>
}

/** Opens an export by its name. */
export type ExportMoney = (name: string, span: ExportSpan) => Outcome<MoneyExport>

const dayMs = 86_400_000

/** Joins the tables; rows are read as fast as they are taken, and never more than a page of them is held. */
export function createExportMoney(deps: ExportDependencies): ExportMoney {
  const tables: Readonly<Record<string, ExportTable>> = {
    invoices: invoicesTable(deps),
    lines: linesTable(deps),
    payments: paymentsTable(deps),
    refunds: refundsTable(deps),
    'credit-notes': creditNotesTable(deps),
    ledger: ledgerTable(deps),
    usage: usageTable(deps),
  }
  return (name, span) => {
    const table = Object.hasOwn(tables, name) ? tables[name] : undefined
    if (table === undefined)
      return refuse('not_found', `There is no such export; there are ${Object.keys(tables).join(', ')}`)
    if (span.toMs - span.fromMs > table.mostDays * dayMs)
      return refuseFields([{ field: 'to', reason: `must be within ${table.mostDays} days of from` }])
    const [from, to] = [span.fromMs, span.toMs - dayMs].map((atMs) =>
      new Date(atMs).toISOString().slice(0, 10),
    )
    return accept({ fileName: `${name}-${from}-${to}.csv`, lines: linesOf(table, span) })
  }
}

async function* linesOf({ columns, rows }: ExportTable, span: ExportSpan): AsyncGenerator<string> {
  yield csvLine(columns)
  for await (const row of rows(span)) yield csvLine(row)
}
