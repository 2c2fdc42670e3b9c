import { text } from '@/text/overview.ts'
import { TimeChart } from '@/ui/chart.tsx'
import { money } from '@/ui/show.tsx'
import { Card } from '@/ui/surface.tsx'
import type { CurrencyRevenue, useLatency, useRevenue, useTraffic } from './read-overview.ts'

const dayOf = (at: string): string => at.slice(5, 10)
const height = 200

/** What customers ask, what of it fails, and how long it takes, day by day. Loaded after the page around it. */
export function TrafficCharts({
  points,
  latency,
}: Pick<NonNullable<ReturnType<typeof useTraffic>['data']>, 'points'> & {
  latency: ReturnType<typeof useLatency>['data']
}) {
  const requests = points.map((point) => ({
    at: point.at,
    [text.served]: point.requests - point.errors,
    [text.failed]: point.errors,
  }))
  const durations = (latency?.points ?? []).map(({ at, p50, p95, p99 }) => ({
    at,
    ...(p50 === null ? {} : { p50, p95: p95 ?? p50, p99: p99 ?? p50 }),
  }))
  return (
    <>
      <Card title={text.requests} description={text.requestsLead}>
        <TimeChart
          points={requests}
          series={[text.served, text.failed]}
          colours={['var(--series-1)', 'var(--danger)']}
          format={dayOf}
          height={height}
        />
      </Card>
      <Card title={text.latencyTitle} description={text.latencyLead}>
        <TimeChart
          points={durations}
          series={['p99', 'p95', 'p50']}
          colours={['var(--series-3)', 'var(--series-2)', 'var(--series-1)']}
          look="line"
          format={dayOf}
          height={height}
          axisText={text.milliseconds}
          valueText={text.milliseconds}
        />
      </Card>
    </>
  )
}

/** What comes in, what comes in every month, and who comes, day by day. */
export function MoneyCharts({
  revenue,
  signUps,
}: {
  revenue: CurrencyRevenue | undefined
  signUps: NonNullable<ReturnType<typeof useRevenue>['data']>['sign_ups']
}) {
  const asMoney = (value: number): string => money(value, revenue?.currency ?? 'USD')
  const axis = (value: number): string => asMoney(value).replace(/[.,]0+$/, '')
  return (
    <>
      {revenue !== undefined && (
        <>
          <Card title={text.revenue} description={text.revenueLead}>
            <TimeChart
              points={revenue.days.map(({ at, revenue: earned }) => ({ at, [text.revenue]: earned }))}
              series={[text.revenue]}
              format={dayOf}
              height={height}
              axisText={axis}
              valueText={asMoney}
            />
          </Card>
          <Card title={text.mrr} description={text.mrrLead}>
            <TimeChart
              points={revenue.days.map(({ at, mrr }) => ({ at, [text.mrr]: mrr }))}
              series={[text.mrr]}
              look="line"
              format={dayOf}
              height={height}
              axisText={axis}
              valueText={asMoney}
            />
          </Card>
        </>
      )}
      <Card title={text.signUps} description={text.signUpsLead}>
        <TimeChart
          points={signUps.days.map(({ at, count }) => ({ at, [text.signUps]: count }))}
          series={[text.signUps]}
          colours={['var(--series-3)']}
          format={dayOf}
          height={height}
        />
      </Card>
    </>
  )
}
