import { useQuery } from '@tanstack/react-query'
import { labelOf } from '#core/schema/label.ts'
import { readReport } from '@/data/api.ts'
import { text } from '@/text/operate.ts'
import { Figure } from '@/ui/figure.tsx'
import { Known } from '@/ui/problem.tsx'
import { Badge, Card, PageHeader, Skeleton } from '@/ui/surface.tsx'

interface Report {
  readonly status: 'healthy' | 'unhealthy'
  readonly services: Readonly<Record<string, 'up' | 'down'>>
  readonly uptime: number
  readonly memory: { readonly rss: number }
  readonly version: string
  readonly providers: Readonly<Record<string, { readonly provider: string; readonly status: string }>>
}

/** How the process is, and everything that it runs on; looked at again every few seconds. */
export function HealthPage() {
  const report = useQuery({
    queryKey: ['health'],
    queryFn: ({ signal }) => readReport<Report>('/admin/health', signal),
    refetchInterval: 5_000,
  })
  const { data } = report
  return (
    <>
      <PageHeader title={text.system} description={text.systemLead} />
      <Known of={report}>
        <div className="mb-5 grid grid-cols-2 gap-3 lg:grid-cols-4">
          <Figure
            label={text.status}
            value={data && <Badge tone={data.status === 'healthy' ? 'good' : 'bad'}>{data.status}</Badge>}
          />
          <Figure label={text.uptime} value={data && lasting(data.uptime)} />
          <Figure label={text.memory} value={data && `${Math.round(data.memory.rss / 1_048_576)} MB`} />
          <Figure label={text.version} value={data?.version} />
        </div>
        {data === undefined ? (
          <Skeleton className="h-48" />
        ) : (
          <div className="grid grid-cols-1 items-start gap-5 lg:grid-cols-2">
            <Card title={text.services}>
              <States
                states={Object.entries(data.services).map(([name, state]) => [
                  name,
                  '',
                  state,
                  state === 'up',
                ])}
              />
            </Card>
            <Card title={text.capabilities}>
              <States
                states={Object.entries(data.providers).map(([name, { provider, status }]) => [
                  name,
                  provider,
                  status,
                  status === 'connected',
                ])}
              />
            </Card>
          </div>
        )}
      </Known>
    </>
  )
}

const States = ({
  states,
}: {
  states: readonly (readonly [name: string, note: string, state: string, isGood: boolean])[]
}) => (
  <ul className="grid gap-2.5">
    {states.map(([name, note, state, isGood]) => (
      <li key={name} className="flex items-center justify-between gap-3">
        <span>
          {labelOf(name)} <span className="text-quiet">{note === '' ? '' : labelOf(note)}</span>
        </span>
        <Badge tone={isGood ? 'good' : 'bad'}>{state.replaceAll('_', ' ')}</Badge>
      </li>
    ))}
  </ul>
)

function lasting(seconds: number): string {
  const days = Math.floor(seconds / 86_400)
  const hours = Math.floor((seconds % 86_400) / 3_600)
  const minutes = Math.floor((seconds % 3_600) / 60)
  if (days > 0) return `${days} d ${hours} h`
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min`
}
