import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { read } from '@/data/api.ts'
import { text } from '@/text/overview.ts'
import { buttonClass } from '@/ui/button.tsx'
import { DataTable } from '@/ui/data-table.tsx'
import { Problem } from '@/ui/problem.tsx'
import { count, money } from '@/ui/show.tsx'
import { Card, Empty, Meter } from '@/ui/surface.tsx'

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

const most = 10

/** Who calls most this month, what is left of what their plan includes, and what it costs them so far. */
export function TopConsumers() {
  const { data, error, refetch } = useQuery({
    queryKey: ['usage', 'summary'],
    queryFn: ({ signal }) =>
      read<{ readonly month: string; readonly rows: readonly UsageRow[] }>('/admin/usage/summary', signal),
    refetchInterval: 30_000,
  })
  const busiest =
    data === undefined ? undefined : [...data.rows].sort((a, b) => b.requests - a.requests).slice(0, most)
  return (
    <Card title={text.top} description={data && text.topLead(data.month)}>
      {error !== null ? (
        <Problem error={error} onRetry={() => void refetch()} />
      ) : busiest?.length === 0 ? (
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
          label={text.top}
          stacks
          rows={busiest}
          rowKey={(row) => row.subscription_id}
          columns={[
            {
              key: 'organization',
              heading: text.organization,
              cell: ({ organization, organization_id }) => (
                <Link
                  to="/ui/m/$plural/$id"
                  params={{ plural: 'organizations', id: organization_id }}
                  className="text-accent hover:underline"
                >
                  {organization}
                </Link>
              ),
            },
            { key: 'plan', heading: text.plan, cell: ({ plan }) => plan },
            { key: 'requests', heading: text.requests, isNumber: true, cell: (row) => count(row.requests) },
            { key: 'errors', heading: text.failedShort, isNumber: true, cell: (row) => count(row.errors) },
            { key: 'used', heading: text.used, cell: (row) => <Used row={row} /> },
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
  )
}

function Used({ row: { included, units, organization } }: { row: UsageRow }) {
  if (included === null) return <span className="text-quiet">{text.noEnd}</span>
  const share = units / Math.max(1, included)
  return (
    <span className="flex items-center gap-2">
      <span className="w-24">
        <Meter value={share} label={`${text.used}: ${organization}`} />
      </span>
      <span className="tabular text-[13px] text-quiet">
        {Math.round(share * 100).toLocaleString('en-US')} %
      </span>
    </span>
  )
}
