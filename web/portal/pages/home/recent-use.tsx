import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { read } from '@/data/api.ts'
import { text } from '@/text/home.ts'
import { buttonClass } from '@/ui/button.tsx'
import { DayBars } from '@/ui/day-bars.tsx'
import { Card, Skeleton } from '@/ui/surface.tsx'

interface Graph {
  readonly series: readonly {
    readonly points: readonly { readonly at: string; readonly requests: number }[]
  }[]
}

/** The last thirty days at a glance; nothing before the first call. */
export function RecentUse() {
  const { data, isError } = useQuery({
    queryKey: ['usage', 'recent'],
    queryFn: ({ signal }) => read<Graph>('/api/v1/dashboard/usage-graph?granularity=day', signal),
    staleTime: 60_000,
  })
  if (isError) return null
  if (data === undefined) return <Skeleton className="h-36" />
  const points = data.series[0]?.points ?? []
  if (points.every(({ requests }) => requests === 0)) return null
  return (
    <Card
      title={text.recentUse}
      description={text.recentUseHelp}
      actions={
        <Link to="/portal/usage" className={buttonClass('plain', 'small')}>
          {text.explore}
        </Link>
      }
    >
      <DayBars
        label={text.recentUse}
        days={points.map(({ at, requests }) => ({ at, value: requests }))}
        words={text.requestsOn}
      />
    </Card>
  )
}
