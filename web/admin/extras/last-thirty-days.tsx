import { useQuery } from '@tanstack/react-query'
import { read } from '@/data/api.ts'
import { text } from '@/text/extras.ts'
import { TimeChart } from '@/ui/chart.tsx'
import { Problem } from '@/ui/problem.tsx'
import { Card, Skeleton } from '@/ui/surface.tsx'

interface Usage {
  readonly series: readonly {
    readonly points: readonly { readonly at: string; readonly requests: number; readonly errors: number }[]
  }[]
}

/** Requests of every day of the last thirty, those that failed apart. */
export function LastThirtyDays() {
  const { data, error, refetch } = useQuery({
    queryKey: ['usage', 'overview'],
    queryFn: ({ signal }) => read<Usage>('/admin/usage/series?granularity=day', signal),
    refetchInterval: 60_000,
  })
  const points = data?.series[0]?.points.map(({ at, requests, errors }) => ({
    at,
    [text.served]: requests - errors,
    [text.failed]: errors,
  }))
  return (
    <Card title={text.lastThirty} className="mb-6">
      {error !== null ? (
        <Problem error={error} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <Skeleton className="h-64" />
      ) : (
        <TimeChart
          points={points ?? []}
          series={[text.served, text.failed]}
          format={(at) => at.slice(5, 10)}
        />
      )}
    </Card>
  )
}
