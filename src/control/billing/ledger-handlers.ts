import type { ReportRevenue } from '#app/billing/revenue-report.ts'
import { accept, Fault, type Outcome, refuseFields } from '#contract/outcome.ts'
import { dataAnswer, refusalAnswer } from '#core/channel/http/answer.ts'
import type { AccountBalance } from '#ports/ledger.ts'
import type { JournalEntry, JournalQuery, LedgerBook } from '#ports/ledger-book.ts'
import { lineStream } from '../line-stream.ts'
import type { ControlHandler } from '../route-table.ts'
import {
  accountCursor,
  journalCursor,
  readAccountCursor,
  readJournalCursor,
  readLedgerQuery,
} from './ledger-query.ts'

/** What the addresses of the ledger and of revenue need. */
export interface LedgerDeskDependencies {
  readonly ledgerBook: LedgerBook
  readonly reportRevenue: ReportRevenue
}

const filters = ['account', 'kind', 'currency', 'reference', 'from', 'until'] as const

/** The ledger and the revenue that it tells of, by their rule. */
export function ledgerHandlers(deps: LedgerDeskDependencies): Readonly<Record<string, ControlHandler>> {
  const { ledgerBook: book } = deps
  return {
    'GET /admin/billing/ledger/accounts': async ({ request, requestId }) => {
      const page = await accountsPage(book, searchOf(request))
      return page.ok ? pageAnswer(page.value) : refusalAnswer(page, requestId)
    },
    'GET /admin/billing/ledger/entries': async ({ request, requestId }) => {
      const page = await journalPage(book, searchOf(request))
      return page.ok ? pageAnswer(page.value) : refusalAnswer(page, requestId)
    },
    'GET /admin/billing/ledger/export': ({ request, requestId }) => {
      const asked = readLedgerQuery(searchOf(request), filters)
      if (!asked.ok) return refusalAnswer(asked, requestId)
      return new Response(lineStream(csvOf(book, asked.value.query)), {
        headers: {
          'content-type': 'text/csv; charset=utf-8',
          'content-disposition': 'attachment; filename="ledger.csv"',
        },
      })
    },
    'GET /admin/billing/ledger/totals': async () =>
      dataAnswer(
        (await book.kinds()).map(({ balanceMinor, ...kind }) => ({ ...kind, balance: safe(balanceMinor) })),
      ),
    'GET /admin/billing/revenue': async ({ request, requestId }) => {
      const { days, ...others } = Object.fromEntries(searchOf(request))
      const unknown = Object.keys(others)
      if (unknown.length > 0)
        return refusalAnswer(
          refuseFields(unknown.map((field) => ({ field, reason: 'is not a known parameter' }))),
          requestId,
        )
      const report = await deps.reportRevenue(days === undefined ? {} : { days })
      return report.ok ? dataAnswer(report.value) : refusalAnswer(report, requestId)
    },
  }
}

interface ShownPage {
  readonly items: readonly unknown[]
  readonly limit: number
  readonly next: string | undefined
}

const searchOf = (request: Request): URLSearchParams => new URL(request.url).searchParams

const pageAnswer = ({ items, limit, next }: ShownPage): Response =>
  dataAnswer(items, { meta: { limit, has_more: next !== undefined, next_cursor: next ?? null } })

async function accountsPage(book: LedgerBook, search: URLSearchParams): Promise<Outcome<ShownPage>> {
  const asked = readLedgerQuery(search, ['account', 'currency', 'limit', 'cursor'])
  if (!asked.ok) return asked
  const { query, limit, cursor } = asked.value
  const after = readAccountCursor(cursor)
  if (!after.ok) return after
  const place = after.value === undefined ? {} : { after: after.value }
  const rows = await book.accounts(query, { limit: limit + 1, ...place })
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  const next = rows.length > limit && last !== undefined ? accountCursor(last) : undefined
  return accept({ items: items.map(accountData), limit, next })
}

async function journalPage(book: LedgerBook, search: URLSearchParams): Promise<Outcome<ShownPage>> {
  const asked = readLedgerQuery(search, [...filters, 'limit', 'cursor'])
  if (!asked.ok) return asked
  const { query, limit, cursor } = asked.value
  const before = readJournalCursor(cursor)
  if (!before.ok) return before
  const place = before.value === undefined ? {} : { before: before.value }
  const entries = await book.journal(query, { limit: limit + 1, ...place })
  const items = entries.slice(0, limit)
  const last = items.at(-1)
  const next = entries.length > limit && last !== undefined ? journalCursor(last) : undefined
  return accept({ items: items.map(entryData), limit, next })
}

const accountData = ({ account, currency, balanceMinor }: AccountBalance) => ({
  account,
  currency,
  balance: safe(balanceMinor),
})

const entryData = ({ key, kind, currency, reference, atMs, rows }: JournalEntry) => ({
  key,
  kind,
  currency,
  reference,
  at: new Date(atMs).toISOString(),
  rows: rows.map(({ account, amountMinor }) => ({ account, amount: safe(amountMinor) })),
})

function safe(amountMinor: bigint): number {
  const amount = Number(amountMinor)
  if (!Number.isSafeInteger(amount))
    throw new Fault('internal_error', `the amount ${amountMinor} is too large`)
  return amount
}

const entriesAtOnce = 200

/** Every row of every entry that is asked for, newest first. No cell of it can begin with what a spreadsheet would carry out. */
async function* csvOf(book: LedgerBook, query: JournalQuery): AsyncGenerator<string> {
  yield 'at,entry,kind,reference,account,currency,debit,credit\r\n'
  let before: JournalEntry | undefined
  do {
    const place = before === undefined ? {} : { before }
    const entries = await book.journal(query, { limit: entriesAtOnce, ...place })
    yield entries.flatMap(linesOf).join('')
    before = entries.length < entriesAtOnce ? undefined : entries.at(-1)
  } while (before !== undefined)
}

const linesOf = ({ atMs, key, kind, reference, currency, rows }: JournalEntry): string[] =>
  rows.map(({ account, amountMinor }) => {
    const sides = amountMinor > 0n ? `${amountMinor},` : `,${-amountMinor}`
    return `${new Date(atMs).toISOString()},${key},${kind},${reference},${account},${currency},${sides}\r\n`
  })
