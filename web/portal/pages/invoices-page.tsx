import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { readPage } from '@/data/api.ts'
import { text } from '@/text/billing.ts'
import { text as shared } from '@/text/en.ts'
import { text as portal } from '@/text/portal.ts'
import { Button } from '@/ui/button.tsx'
import { DataTable } from '@/ui/data-table.tsx'
import { Problem } from '@/ui/problem.tsx'
import { money, Status, Time } from '@/ui/show.tsx'
import { Empty, PageHeader } from '@/ui/surface.tsx'
import { ExportMenu } from './billing/export-menu.tsx'
import { dueAt, type Invoice, openAmount, periodText } from './billing/invoice.ts'
import { PayButton } from './billing/pay-button.tsx'

/** What the organization was billed. */
export function InvoicesPage() {
  const navigate = useNavigate()
  const list = useInfiniteQuery({
    queryKey: ['invoices'],
    queryFn: ({ pageParam, signal }) =>
      readPage<Invoice>(
        `/api/invoices?limit=25&sort=-id${pageParam === '' ? '' : `&cursor=${encodeURIComponent(pageParam)}`}`,
        signal,
      ),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
  })
  const rows = list.data?.pages.flatMap((page) => page.rows)
  return (
    <>
      <PageHeader title={text.invoices} description={text.invoicesLead} actions={<ExportMenu />} />
      {list.error !== null ? (
        <Problem error={list.error} onRetry={() => void list.refetch()} />
      ) : rows?.length === 0 ? (
        <Empty title={text.noInvoices}>{text.noInvoicesHelp}</Empty>
      ) : (
        <DataTable
          stacks
          label={text.invoices}
          rows={rows}
          rowKey={({ id }) => id}
          onOpen={({ id }) => void navigate({ to: '/portal/invoices/$id', params: { id } })}
          columns={[
            {
              key: 'number',
              heading: text.number,
              cell: ({ number }) => <span className="font-medium">{number ?? text.draft}</span>,
            },
            { key: 'period', heading: text.period, cell: periodText },
            { key: 'status', heading: portal.status, cell: ({ status }) => <Status value={status} /> },
            { key: 'issued', heading: text.issued, cell: ({ issued_at }) => <Time at={issued_at} /> },
            { key: 'due', heading: text.due, cell: (invoice) => <Time at={dueAt(invoice)} /> },
            {
              key: 'total',
              heading: text.total,
              isNumber: true,
              cell: ({ total, currency }) => money(total, currency),
            },
            {
              key: 'open',
              heading: text.open,
              isNumber: true,
              cell: (invoice) => money(openAmount(invoice), invoice.currency),
            },
            {
              key: 'pay',
              heading: '',
              cell: (invoice) => <PayButton invoice={invoice} size="small" />,
            },
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
    </>
  )
}
