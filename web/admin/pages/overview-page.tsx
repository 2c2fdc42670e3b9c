import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { read } from '@/data/api.ts'
import { text } from '@/text/admin.ts'
import { buttonClass } from '@/ui/button.tsx'
import { DataTable } from '@/ui/data-table.tsx'
import { Figure } from '@/ui/figure.tsx'
import { Problem } from '@/ui/problem.tsx'
import { count, money } from '@/ui/show.tsx'
import { Card, Empty, Meter, PageHeader, Skeleton } from '@/ui/surface.tsx'
import { LiveFeed } from '../extras/live-feed.tsx'
import { SignUps } from '../extras/sign-ups.tsx'

const LastThirtyDays = lazy(() =>
  import('../extras/last-thirty-days.tsx').then((found) => ({ default: found.LastThirtyDays })),
)

interface UsageRow {
  readonly subscription_id: string
  readonly organization_id: string
  readonly organization: string
  readonly plan: string
  readonly requests: number
  readonly units: number
  readonly errors: number
  readonly included: number | null
  readonly cost_minor: number
  readonly currency: string
}

/** How the instance does this month, and who calls most. */
export function OverviewPage() {
  const { data, error, refetch } = useQuery({
    queryKey: ['usage', 'summary'],
    queryFn: ({ signal }) =>
      read<{ readonly month: string; readonly rows: readonly UsageRow[] }>('/admin/usage/summary', signal),
    refetchInterval: 10_000,
  })
  if (error !== null) return <Problem error={error} onRetry={() => void refetch()} />
  const rows = data?.rows
  const sum = (of: (row: UsageRow) => number): number | undefined =>
    rows?.reduce((total, row) => total + of(row), 0)
  const busiest =
    rows === undefined ? undefined : [...rows].sort((a, b) => b.requests - a.requests).slice(0, 10)
  return (
    <>
      <PageHeader
        title={text.overview}
        description={data === undefined ? undefined : `${text.thisMonth}: ${data.month} (UTC)`}
      />
      <div className="mb-6 grid grid-cols-2 gap-3 lg:grid-cols-4">
        <Figure label={text.requests} value={show(sum(({ requests }) => requests))} />
        <Figure label={text.units} value={show(sum(({ units }) => units))} />
        <Figure label={text.errors} value={show(sum(({ errors }) => errors))} />
        <Figure label={text.revenue} value={rows === undefined ? undefined : revenue(rows)} />
      </div>
      <Suspense fallback={<Skeleton className="mb-6 h-80" />}>
        <LastThirtyDays />
      </Suspense>
      <div className="mb-6 grid grid-cols-1 items-start gap-5 lg:grid-cols-2">
        <LiveFeed />
        <SignUps />
      </div>
      <Card title={text.topConsumers}>
        {busiest?.length === 0 ? (
          <Empty
            title={text.noUse}
            action={
              <Link to="/ui/start" className={buttonClass('primary')}>
                {text.startHere}
              </Link>
            }
          >
            {text.noUseHelp}
          </Empty>
        ) : (
          <DataTable
            label={text.topConsumers}
            rows={busiest}
            rowKey={(row) => row.subscription_id}
            columns={[
              {
                key: 'organization',
                heading: text.organization,
                cell: (row) => (
                  <Link
                    to="/ui/m/$plural/$id"
                    params={{ plural: 'organizations', id: row.organization_id }}
                    className="text-accent hover:underline"
                  >
                    {row.organization}
                  </Link>
                ),
              },
              { key: 'plan', heading: text.plan, cell: (row) => row.plan },
              { key: 'requests', heading: text.requests, isNumber: true, cell: (row) => count(row.requests) },
              { key: 'errors', heading: text.errors, isNumber: true, cell: (row) => count(row.errors) },
              {
                key: 'used',
                heading: text.used,
                cell: (row) =>
                  row.included === null ? (
                    '∞'
                  ) : (
                    <Meter
                      value={row.units / Math.max(1, row.included)}
                      label={`${text.used}: ${row.organization}`}
                    />
                  ),
              },
              {
                key: 'cost',
                heading: text.cost,
                isNumber: true,
                cell: (row) => money(row.cost_minor, row.currency),
              },
            ]}
          />
        )}
      </Card>
    </>
  )
}

const show = (value: number | undefined): string | undefined =>
  value === undefined ? undefined : count(value)

/** Sums of each currency by itself: amounts of two currencies are never added. */
function revenue(rows: readonly UsageRow[]): string {
  const sums = new Map<string, number>()
  for (const { currency, cost_minor } of rows) sums.set(currency, (sums.get(currency) ?? 0) + cost_minor)
  return [...sums].map(([currency, amount]) => money(amount, currency)).join(' + ') || '—'
}
