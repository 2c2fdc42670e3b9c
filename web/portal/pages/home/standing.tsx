import { Link } from '@tanstack/react-router'
import { text } from '@/text/home.ts'
import { buttonClass } from '@/ui/button.tsx'
import { Figure } from '@/ui/figure.tsx'
import { Problem } from '@/ui/problem.tsx'
import { count, money, Time } from '@/ui/show.tsx'
import { Card, Meter, Skeleton } from '@/ui/surface.tsx'
import { type MonthOfUse, useMonth } from '../billing/read-billing.ts'
import { usedWords } from '../billing/used-words.ts'
import { RecentUse } from './recent-use.tsx'

/** Today and this month: what was used, what it costs, and where the month will end. */
export function Standing() {
  const month = useMonth()
  if (month.error !== null) return <Problem error={month.error} onRetry={() => void month.refetch()} />
  const { today, subscriptions } = month.data ?? {}
  const used = subscriptions?.reduce((sum, { requests }) => sum + requests, 0)
  return (
    <>
      <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
        <Figure
          label={text.today}
          value={today && count(today.requests)}
          note={today && today.errors > 0 ? text.ofThemErrors(count(today.errors)) : undefined}
        />
        <Figure label={text.thisMonth} value={used !== undefined ? count(used) : undefined} />
        <Figure
          label={text.costSoFar}
          value={subscriptions && sums(subscriptions, (row) => row.cost_minor)}
        />
        <Figure
          label={text.costForecast}
          value={subscriptions && sums(subscriptions, (row) => row.forecast?.cost_minor ?? row.cost_minor)}
          note={text.atThisPace}
        />
      </div>
      {subscriptions === undefined ? (
        <Skeleton className="h-28" />
      ) : (
        subscriptions.map((row) => <MonthCard key={row.subscription_id} month={row} />)
      )}
      <RecentUse />
    </>
  )
}

function MonthCard({ month }: { month: MonthOfUse }) {
  const { api, plan, units, included, forecast } = month
  return (
    <Card
      title={plan}
      description={api}
      actions={
        <Link to="/portal/plan" className={buttonClass('plain', 'small')}>
          {text.planAndSpending}
        </Link>
      }
    >
      <div className="grid gap-1.5">
        {included !== null && (
          <Meter value={included === 0 ? 1 : units / included} label={text.usedThisMonth(api)} />
        )}
        <p className="flex flex-wrap justify-between gap-x-4">
          <span className="tabular">{usedWords(month)}</span>
          {forecast !== null && forecast.units > units && (
            <span className="tabular text-quiet">
              {forecast.included_until === null ? (
                text.unitsForecast(count(forecast.units))
              ) : (
                <>
                  {text.usedUpAround} <Time at={forecast.included_until} isDay />
                </>
              )}
            </span>
          )}
        </p>
      </div>
    </Card>
  )
}

/** An amount for each currency; most have one. */
function sums(rows: readonly MonthOfUse[], amountOf: (row: MonthOfUse) => number): string {
  const amounts = new Map<string, number>()
  for (const row of rows) amounts.set(row.currency, (amounts.get(row.currency) ?? 0) + amountOf(row))
  return amounts.size === 0
    ? '—'
    : [...amounts].map(([currency, amount]) => money(amount, currency)).join(' + ')
}
