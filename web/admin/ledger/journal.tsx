import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { readPage } from '@/data/api.ts'
import { text as shared } from '@/text/en.ts'
import { text } from '@/text/ledger.ts'
import { Button, buttonClass } from '@/ui/button.tsx'
import { DataTable } from '@/ui/data-table.tsx'
import { Problem } from '@/ui/problem.tsx'
import { money, Nothing, Time } from '@/ui/show.tsx'
import { Card, Empty } from '@/ui/surface.tsx'
import { RecordLink } from '../module/value.tsx'
import { AccountName } from './account-name.tsx'
import { JournalFilters } from './journal-filters.tsx'
import type { LedgerFilter } from './ledger-filter.ts'

interface Row {
  readonly account: string
  readonly amount: number
}
interface Entry {
  readonly key: string
  readonly kind: string
  readonly currency: string
  readonly reference: string
  readonly at: string
  readonly rows: readonly Row[]
}

/** The entries that the address asks for, and what caused each. */
export function Journal({ filter }: { filter: LedgerFilter }) {
  const list = useInfiniteQuery({
    queryKey: ['ledger', 'entries', filter],
    queryFn: ({ pageParam, signal }) =>
      readPage<Entry>(
        `/admin/billing/ledger/entries?${new URLSearchParams({
          limit: '25',
          ...filter,
          ...(pageParam === '' ? {} : { cursor: pageParam }),
        })}`,
        signal,
      ),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
  })
  const entries = list.data?.pages.flatMap((page) => page.rows)
  const isFiltered = Object.keys(filter).length > 0
  return (
    <Card title={text.journal} description={text.journalLead}>
      <JournalFilters filter={filter} />
      {list.error !== null ? (
        <Problem error={list.error} onRetry={() => void list.refetch()} />
      ) : entries?.length === 0 ? (
        <Empty
          title={isFiltered ? text.noneFound : text.none}
          action={
            isFiltered ? (
              <Link to="/ui/ledger" search={{}} className={buttonClass()}>
                {text.clear}
              </Link>
            ) : undefined
          }
        >
          {isFiltered ? undefined : text.noneHelp}
        </Empty>
      ) : (
        <DataTable
          label={text.journal}
          stacks
          rows={entries}
          rowKey={({ key }) => key}
          columns={[
            { key: 'at', heading: text.when, cell: ({ at }) => <Time at={at} /> },
            { key: 'kind', heading: text.happened, cell: ({ kind }) => kind.replaceAll('_', ' ') },
            { key: 'about', heading: text.about, cell: ({ reference }) => <RecordLink id={reference} /> },
            {
              key: 'account',
              heading: text.account,
              cell: ({ rows, currency }) =>
                rows.length === 0 ? (
                  <Nothing />
                ) : (
                  <Lines rows={rows}>
                    {({ account, amount }) => (
                      <>
                        <AccountName account={account} filter={filter} />
                        <span className="tabular ml-2 inline-block sm:hidden">
                          {text.booked(money(Math.abs(amount), currency), amount > 0)}
                        </span>
                      </>
                    )}
                  </Lines>
                ),
            },
            ...(['debit', 'credit'] as const).map((which) => ({
              key: which,
              heading: text[which],
              isNumber: true,
              isWideOnly: true,
              cell: ({ rows, currency }: Entry) => (
                <Lines rows={rows}>
                  {({ amount }) =>
                    amount > 0 === (which === 'debit') ? money(Math.abs(amount), currency) : '\u00a0'
                  }
                </Lines>
              ),
            })),
          ]}
        />
      )}
      {list.hasNextPage && (
        <div className="mt-3 text-center">
          <Button isBusy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {shared.more}
          </Button>
        </div>
      )}
    </Card>
  )
}

const Lines = ({ rows, children }: { rows: readonly Row[]; children: (row: Row) => React.ReactNode }) => (
  <ul className="grid min-w-0 gap-1">
    {rows.map((row) => (
      <li key={row.account} className="min-w-0 sm:truncate">
        {children(row)}
      </li>
    ))}
  </ul>
)
