import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { read } from '@/data/api.ts'
import { text } from '@/text/latency.ts'
import { DataTable } from '@/ui/data-table.tsx'
import { Problem } from '@/ui/problem.tsx'
import { count } from '@/ui/show.tsx'
import { Card } from '@/ui/surface.tsx'
import { stretchOf, type UsageChoice } from '@/ui/usage-choice.ts'

interface Latency {
  readonly requests: number
  readonly p50: number | null
  readonly p95: number | null
  readonly p99: number | null
}
interface OfRoute extends Latency {
  readonly id: string
  readonly name: string
}

/** How long requests took in the time that is looked at, by route. */
export function UsageLatency({ choice }: { choice: UsageChoice }) {
  const { range, from, to, api, route } = choice
  const { data, error, refetch } = useQuery({
    queryKey: ['usage', 'latency', range, from, to, api, route],
    queryFn: ({ signal }) => {
      const query = new URLSearchParams({
        ...stretchOf(choice, Date.now()),
        ...(api === undefined ? {} : { api_id: api }),
        ...(route === undefined ? {} : { route_id: route }),
      })
      return read<{ readonly totals: Latency; readonly routes: readonly OfRoute[] }>(
        `/admin/usage/latency?${query}`,
        signal,
      )
    },
    enabled: stretchOf(choice, Date.now()) !== undefined,
    refetchInterval: 30_000,
    placeholderData: (before) => before,
  })
  if (error !== null) return <Problem error={error} onRetry={() => void refetch()} />
  if (data?.totals.requests === 0) return null
  const all = data && { ...data.totals, id: '', name: text.all }
  const rows = data && all && (data.routes.length > 1 ? [...data.routes, all] : data.routes)
  return (
    <Card title={text.title} description={text.lead}>
      <DataTable
        label={text.title}
        stacks
        rows={rows}
        rowKey={({ id }) => id}
        columns={[
          { key: 'route', heading: text.route, cell: (one) => <RouteName route={one} /> },
          {
            key: 'requests',
            heading: text.requests,
            isNumber: true,
            cell: ({ requests }) => count(requests),
          },
          ...(['p50', 'p95', 'p99'] as const).map((name) => ({
            key: name,
            heading: name,
            isNumber: true,
            cell: (one: Latency) => text.milliseconds(one[name]),
          })),
        ]}
      />
    </Card>
  )
}

function RouteName({ route: { id, name } }: { route: OfRoute }) {
  if (id === '') return <span className="font-medium">{name}</span>
  return (
    <Link to="/ui/m/$plural/$id" params={{ plural: 'routes', id }} className="text-accent hover:underline">
      {name}
    </Link>
  )
}
