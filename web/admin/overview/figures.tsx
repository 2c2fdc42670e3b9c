import { text } from '@/text/overview.ts'
import { Change } from '@/ui/change.tsx'
import { Figure } from '@/ui/figure.tsx'
import { count, money } from '@/ui/show.tsx'
import type { CurrencyRevenue, Latency, useRevenue, useTraffic } from './read-overview.ts'

/** What comes in, in one currency; how that is beside the time before. */
export function MoneyFigures({
  revenue,
  report,
}: {
  revenue: CurrencyRevenue | undefined
  report: ReturnType<typeof useRevenue>['data']
}) {
  const show = (amount: (of: CurrencyRevenue) => number): string | undefined =>
    report === undefined ? undefined : revenue === undefined ? '—' : money(amount(revenue), revenue.currency)
  return (
    <div className="mb-3 grid grid-cols-2 gap-3 lg:grid-cols-4">
      <Figure
        label={text.revenue}
        value={show(({ revenue: earned }) => earned)}
        note={revenue && <Change now={revenue.revenue} before={revenue.revenue_before} />}
      />
      <Figure
        label={text.mrr}
        value={show(({ mrr }) => mrr)}
        note={revenue && <Change now={revenue.mrr} before={revenue.mrr_before} />}
      />
      <Figure
        label={text.outstanding}
        value={show(({ outstanding }) => outstanding)}
        note={text.outstandingNote}
      />
      <Figure
        label={text.signUps}
        value={report && count(report.sign_ups.total)}
        note={report && text.paying(report.paying_subscriptions)}
      />
    </div>
  )
}

/** What is asked of the instance; how that is beside the time before. */
export function TrafficFigures({
  traffic,
  latency,
}: {
  traffic: ReturnType<typeof useTraffic>['data']
  /** null where it could not be read. */
  latency: Latency | null | undefined
}) {
  if (traffic === undefined)
    return (
      <div className="mb-6 grid grid-cols-2 gap-3 lg:grid-cols-3 max-lg:[&>:last-child]:col-span-2">
        {[text.requests, text.errorRate, text.latency].map((label) => (
          <Figure key={label} label={label} value={undefined} />
        ))}
      </div>
    )
  const { totals, before } = traffic
  const rate = ({ requests, errors }: typeof totals): number => (requests === 0 ? 0 : errors / requests)
  return (
    <div className="mb-6 grid grid-cols-2 gap-3 lg:grid-cols-3 max-lg:[&>:last-child]:col-span-2">
      <Figure
        label={text.requests}
        value={count(totals.requests)}
        note={<Change now={totals.requests} before={before.requests} />}
      />
      <Figure
        label={text.errorRate}
        value={`${(rate(totals) * 100).toFixed(2)} %`}
        note={text.errors(count(totals.errors))}
      />
      <Figure
        label={text.latency}
        value={
          latency === undefined ? undefined : latency?.p95 == null ? '—' : text.milliseconds(latency.p95)
        }
        note={latency?.p50 != null && text.percentiles(latency.p50, latency.p99 ?? latency.p50)}
      />
    </div>
  )
}
