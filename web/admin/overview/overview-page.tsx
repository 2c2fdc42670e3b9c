import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { text } from '@/text/overview.ts'
import { buttonClass } from '@/ui/button.tsx'
import { Select } from '@/ui/field.tsx'
import { Problems } from '@/ui/problem.tsx'
import { Banner, PageHeader, Skeleton } from '@/ui/surface.tsx'
import { LatencyChart, MoneyCharts, RequestChart } from './charts.tsx'
import { MoneyFigures, TrafficFigures } from './figures.tsx'
import { offeredDays } from './overview-choice.ts'
import { useLatency, useRevenue, useTraffic } from './read-overview.ts'
import { SignUps } from './sign-ups.tsx'
import { TopConsumers } from './top-consumers.tsx'

const RequestFeed = lazy(() => import('./request-feed.tsx').then((found) => ({ default: found.RequestFeed })))
const ChangeFeed = lazy(() => import('./change-feed.tsx').then((found) => ({ default: found.ChangeFeed })))

/** How the instance does: what it earns, what is asked of it, and who came. Its address says which days and which currency. */
export function OverviewPage() {
  const search = useSearch({ from: '/frame/ui' })
  const navigate = useNavigate({ from: '/ui' })
  const days = search.days ?? 30
  const revenue = useRevenue(days)
  const traffic = useTraffic(days)
  const latency = useLatency(days)
  const currencies = revenue.data?.currencies ?? []
  const shown =
    currencies.find(({ currency }) => currency === search.currency) ??
    [...currencies].sort((one, other) => other.mrr - one.mrr)[0]
  return (
    <>
      <PageHeader
        title={text.title}
        actions={
          <>
            {currencies.length > 1 && (
              <Select
                aria-label={text.currency}
                className="w-auto!"
                value={shown?.currency ?? ''}
                onChange={({ target: { value: currency } }) =>
                  void navigate({ search: { ...search, currency }, replace: true })
                }
              >
                {currencies.map(({ currency }) => (
                  <option key={currency}>{currency}</option>
                ))}
              </Select>
            )}
            <Select
              aria-label={text.lastDays(days)}
              className="w-auto!"
              value={days}
              onChange={({ target: { value } }) =>
                void navigate({ search: { ...search, days: Number(value) }, replace: true })
              }
            >
              {offeredDays.map((count) => (
                <option key={count} value={count}>
                  {text.lastDays(count)}
                </option>
              ))}
            </Select>
          </>
        }
      />
      <Problems of={[revenue, traffic, latency]} />
      {revenue.data !== undefined && currencies.length === 0 && (
        <Banner
          action={
            <Link
              to="/ui/m/$plural"
              params={{ plural: 'plans' }}
              search={{}}
              className={buttonClass('plain', 'small')}
            >
              {text.makePlan}
            </Link>
          }
        >
          {text.noMoney}
        </Banner>
      )}
      {isAwaited(revenue) && <MoneyFigures revenue={shown} report={revenue.data} />}
      {isAwaited(traffic) && (
        <TrafficFigures traffic={traffic.data} latency={isAwaited(latency) ? latency.data?.totals : null} />
      )}
      <div className="mb-6 grid grid-cols-1 items-start gap-5 lg:grid-cols-2">
        {isAwaited(traffic) && <RequestChart traffic={traffic.data} />}
        {isAwaited(latency) && <LatencyChart latency={latency.data} />}
        {isAwaited(revenue) && <MoneyCharts revenue={shown} signUps={revenue.data?.sign_ups} />}
        <div className="grid grid-cols-1 gap-5">
          <SignUps />
          <Suspense fallback={<Skeleton className="h-32" />}>
            <ChangeFeed />
          </Suspense>
        </div>
      </div>
      <div className="grid grid-cols-1 gap-5">
        <Suspense fallback={<Skeleton className="h-64" />}>
          <RequestFeed />
        </Suspense>
        <TopConsumers />
      </div>
    </>
  )
}

/** Whether something is there or still to come: what was refused is said once, above. */
const isAwaited = ({ data, error }: { data: unknown; error: unknown }): boolean =>
  data !== undefined || error === null
