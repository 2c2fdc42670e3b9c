import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { read, readPage } from '@/data/api.ts'
import { text as shared } from '@/text/en.ts'
import { kinds, text } from '@/text/ledger.ts'
import { Button } from '@/ui/button.tsx'
import { DataTable } from '@/ui/data-table.tsx'
import { Problem } from '@/ui/problem.tsx'
import { count, money } from '@/ui/show.tsx'
import { Card } from '@/ui/surface.tsx'
import { AccountName } from './account-name.tsx'
import type { LedgerFilter } from './ledger-filter.ts'

interface Total {
  readonly kind: string
  readonly currency: string
  readonly accounts: number
  readonly balance: number
}
interface Account {
  readonly account: string
  readonly currency: string
  readonly balance: number
}

/** A balance under Debit or under Credit; the other side stays empty, and an account that is even says so. */
const side = (which: 'debit' | 'credit') => (row: { balance: number; currency: string }) => {
  const amount = which === 'debit' ? row.balance : -row.balance
  if (amount > 0) return money(amount, row.currency)
  return row.balance === 0 && which === 'debit' ? (
    <span className="text-quiet">{money(0, row.currency)}</span>
  ) : (
    ''
  )
}

const sides = [
  { key: 'currency', heading: text.currency, cell: (row: { currency: string }) => row.currency },
  { key: 'debit', heading: text.debit, isNumber: true, cell: side('debit') },
  { key: 'credit', heading: text.credit, isNumber: true, cell: side('credit') },
] as const

/** Balances: of every kind of account, or of each account of the kind that is looked at. */
export function Accounts({ filter }: { filter: LedgerFilter }) {
  const kind = filter.account?.split(':')[0]
  return kind === undefined ? <Kinds /> : <AccountsOfKind kind={kind} filter={filter} />
}

function Kinds() {
  const { data, error, refetch } = useQuery({
    queryKey: ['ledger', 'totals'],
    queryFn: ({ signal }) => read<readonly Total[]>('/admin/billing/ledger/totals', signal),
  })
  if (error !== null) return <Problem error={error} onRetry={() => void refetch()} />
  if (data?.length === 0) return null
  return (
    <Card title={text.accounts} description={text.accountsLead} className="mb-5">
      <DataTable
        label={text.accounts}
        stacks
        rows={data}
        rowKey={({ kind, currency }) => `${kind} ${currency}`}
        columns={[
          {
            key: 'kind',
            heading: text.kind,
            cell: ({ kind, currency }) => (
              <Link
                to="/ui/ledger"
                search={{ account: kind, currency }}
                className="text-accent hover:underline"
              >
                {kind.replaceAll('_', ' ')}
              </Link>
            ),
          },
          {
            key: 'means',
            heading: text.means,
            cell: ({ kind }) => <span className="text-quiet">{kinds[kind] ?? '—'}</span>,
          },
          { key: 'count', heading: text.count, isNumber: true, cell: (total) => count(total.accounts) },
          ...sides,
        ]}
      />
    </Card>
  )
}

function AccountsOfKind({ kind, filter }: { kind: string; filter: LedgerFilter }) {
  const { currency } = filter
  const list = useInfiniteQuery({
    queryKey: ['ledger', 'accounts', kind, currency],
    queryFn: ({ pageParam, signal }) =>
      readPage<Account>(
        `/admin/billing/ledger/accounts?${new URLSearchParams({
          account: kind,
          limit: '10',
          ...(currency === undefined ? {} : { currency }),
          ...(pageParam === '' ? {} : { cursor: pageParam }),
        })}`,
        signal,
      ),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
  })
  if (list.error !== null) return <Problem error={list.error} onRetry={() => void list.refetch()} />
  const rows = list.data?.pages.flatMap((page) => page.rows)
  return (
    <Card title={text.single(kind.replaceAll('_', ' '))} description={kinds[kind]} className="mb-5">
      <DataTable
        label={text.accounts}
        stacks
        rows={rows}
        rowKey={(row) => `${row.account} ${row.currency}`}
        columns={[
          {
            key: 'account',
            heading: text.account,
            cell: ({ account }) => <AccountName account={account} filter={filter} />,
          },
          ...sides,
        ]}
      />
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
