import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { read } from '@/data/api.ts'
import { text } from '@/text/operate.ts'
import { buttonClass } from '@/ui/button.tsx'
import { DataTable } from '@/ui/data-table.tsx'
import { Known } from '@/ui/problem.tsx'
import { Badge, Empty, PageHeader } from '@/ui/surface.tsx'

interface Target {
  readonly index: number
  readonly url: string
  readonly weight: number
  readonly health: 'up' | 'down' | 'unchecked'
  readonly breaker: 'closed' | 'open' | 'half_open'
  readonly busy: number
  readonly idle: number
  readonly waiting: number
}
interface Upstream {
  readonly id: string
  readonly name: string
  readonly targets: readonly Target[]
}

const tones = {
  up: 'good',
  down: 'bad',
  unchecked: 'neutral',
  closed: 'good',
  open: 'bad',
  half_open: 'warning',
} as const

/** Every target of every upstream: its health, breaker and connections, as they are now. */
export function UpstreamsPage() {
  const status = useQuery({
    queryKey: ['upstreams', 'status'],
    queryFn: ({ signal }) => read<readonly Upstream[]>('/admin/upstreams', signal),
    refetchInterval: 3_000,
  })
  const rows = status.data?.flatMap(({ id, name, targets }) =>
    targets.map((target) => ({ id, name, ...target })),
  )
  return (
    <>
      <PageHeader title={text.upstreamHealth} description={text.upstreamLead} />
      <Known of={status}>
        {rows?.length === 0 ? (
          <Empty
            title={text.noUpstreams}
            action={
              <Link
                to="/ui/m/$plural"
                params={{ plural: 'upstreams' }}
                search={{ new: true }}
                className={buttonClass('primary')}
              >
                {text.connect}
              </Link>
            }
          >
            {text.noUpstreamsHelp}
          </Empty>
        ) : (
          <DataTable
            label={text.upstreamHealth}
            stacks
            rows={rows}
            rowKey={({ id, index }) => `${id} ${index}`}
            columns={[
              {
                key: 'name',
                heading: text.upstream,
                cell: ({ id, name }) => (
                  <Link
                    to="/ui/m/$plural/$id"
                    params={{ plural: 'upstreams', id }}
                    className="text-accent hover:underline"
                  >
                    {name}
                  </Link>
                ),
              },
              {
                key: 'url',
                heading: text.target,
                cell: ({ url }) => <code className="text-[13px]">{url}</code>,
              },
              {
                key: 'health',
                heading: text.health,
                cell: ({ health }) => <Badge tone={tones[health]}>{health}</Badge>,
              },
              {
                key: 'breaker',
                heading: text.breaker,
                cell: ({ breaker }) => <Badge tone={tones[breaker]}>{breaker.replace('_', ' ')}</Badge>,
              },
              {
                key: 'connections',
                heading: text.connections,
                isNumber: true,
                cell: ({ busy, idle }) => `${busy} / ${idle}`,
              },
              { key: 'waiting', heading: text.queued, isNumber: true, cell: ({ waiting }) => waiting },
              { key: 'weight', heading: text.weight, isNumber: true, cell: ({ weight }) => weight },
            ]}
          />
        )}
      </Known>
    </>
  )
}
