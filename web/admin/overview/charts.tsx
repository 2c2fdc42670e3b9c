import { text } from '@/text/overview.ts'
import { LaterChart } from '@/ui/later-chart.tsx'
import { axisAmount, dayOf, money } from '@/ui/show.tsx'
import { Card } from '@/ui/surface.tsx'
import type { CurrencyRevenue, useLatency, useRevenue, useTraffic } from './read-overview.ts'

const height = 200

/** What customers ask, and what of it fails, day by day. */
export function RequestChart({ traffic }: { traffic: ReturnType<typeof useTraffic>['data'] }) {
  return (
    <Card title={text.requests} description={text.requestsLead}>
      <LaterChart
        points={traffic?.points.map(({ at, requests, errors }) => ({
          at,
          [text.served]: requests - errors,
          [text.failed]: errors,
        }))}
        series={[text.served, text.failed]}
        colours={['var(--series-1)', 'var(--danger)']}
        format={dayOf}
        height={height}
      />
    </Card>
  )
}

/** How long requests take, day by day. */
export function LatencyChart({ latency }: { latency: ReturnType<typeof useLatency>['data'] }) {
  return (
    <Card title={text.latencyTitle} description={text.latencyLead}>
      <LaterChart
        points={latency?.points.map(({ at, p50, p95, p99 }) => ({
          at,
          ...(p50 === null ? {} : { p50, p95: p95 ?? p50, p99: p99 ?? p50 }),
        }))}
        series={['p99', 'p95', 'p50']}
        colours={['var(--series-3)', 'var(--series-2)', 'var(--series-1)']}
        look="line"
        format={dayOf}
        height={height}
        axisText={text.shortDuration}
        valueText={text.milliseconds}
      />
    </Card>
  )
}

/** What comes in, what comes in every month, and who comes, day by day. */
export function MoneyCharts({
  revenue,
  signUps,
}: {
  revenue: CurrencyRevenue | undefined
  signUps: NonNullable<ReturnType<typeof useRevenue>['data']>['sign_ups'] | undefined
}) {
  const asMoney = (value: number): string => money(value, revenue?.currency ?? 'USD')
  const axis = (value: number): string => axisAmount(value, revenue?.currency ?? 'USD')
  return (
    <>
      {revenue !== undefined && (
        <>
          <Card title={text.revenue} description={text.revenueLead}>
            <LaterChart
              points={revenue.days.map(({ at, revenue: earned }) => ({ at, [text.revenue]: earned }))}
              series={[text.revenue]}
              format={dayOf}
              height={height}
              axisText={axis}
              valueText={asMoney}
            />
          </Card>
          <Card title={text.mrr} description={text.mrrLead}>
            <LaterChart
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
        <LaterChart
          points={signUps?.days.map(({ at, count }) => ({ at, [text.signUps]: count }))}
          series={[text.signUps]}
          colours={['var(--series-3)']}
          format={dayOf}
          height={height}
        />
      </Card>
    </>
  )
}
