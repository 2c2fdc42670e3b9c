import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { readPage } from '@/data/api.ts'
import { text } from '@/text/start.ts'
import { buttonClass } from '@/ui/button.tsx'
import { Problem } from '@/ui/problem.tsx'
import { PageHeader, Skeleton } from '@/ui/surface.tsx'
import type { ModuleRecord } from '../module/schema.ts'
import { CallStep } from './call-step.tsx'
import { type Customer, CustomerStep } from './customer-step.tsx'
import { useKeptProgress } from './kept-progress.ts'
import { PlanStep } from './plan-step.tsx'
import { RouteStep } from './route-step.tsx'
import { type Progress, Step } from './step.tsx'
import { UpstreamStep } from './upstream-step.tsx'

const newest = (plural: string) => ({
  queryKey: ['start', plural],
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    readPage<ModuleRecord>(`/api/${plural}?limit=1&sort=-id`, signal).then(({ rows }) => rows[0] ?? null),
})

/** From an empty instance to the first call, step by step; whoever comes back goes on where something is missing. */
export function StartPage() {
  const client = useQueryClient()
  const upstream = useQuery(newest('upstreams'))
  const route = useQuery(newest('routes'))
  const [{ plan, customer: former }, keep, forget] = useKeptProgress()
  const [customer, setCustomer] = useState<Customer>()
  const [hasArrived, setArrived] = useState(false)
  const again = (): void => void client.invalidateQueries({ queryKey: ['start'] })
  const failure = upstream.error ?? route.error
  const problem = failure !== null && <Problem error={failure} onRetry={again} />
  if (upstream.data === undefined || route.data === undefined) return problem || <Skeleton className="h-64" />

  const done = [
    upstream.data !== null,
    route.data !== null,
    plan !== undefined,
    customer !== undefined,
    hasArrived,
  ]
  const at = done.indexOf(false)
  const progress = (index: number): Progress =>
    done[index] === true ? 'done' : index === at ? 'now' : 'later'
  return (
    <>
      <PageHeader title={text.title} description={text.lead} />
      {/* Above the steps and not in their place: what was typed, and a key that is shown once, stay. */}
      {problem && <div className="mb-4 max-w-2xl">{problem}</div>}
      <ol className="grid max-w-2xl grid-cols-1 gap-3">
        <Step
          number={1}
          title={text.upstream}
          progress={progress(0)}
          summary={String(upstream.data?.['base_url'] ?? '')}
        >
          <UpstreamStep onDone={again} />
        </Step>
        <Step
          number={2}
          title={text.route}
          progress={progress(1)}
          summary={String(route.data?.['path_pattern'] ?? '')}
        >
          {upstream.data !== null && <RouteStep upstream={upstream.data} onDone={again} />}
        </Step>
        <Step number={3} title={text.plan} progress={progress(2)} summary={plan}>
          <PlanStep onDone={(name) => keep({ plan: name })} />
        </Step>
        <Step number={4} title={text.customer} progress={progress(3)} summary={customer?.name}>
          <CustomerStep
            former={former}
            onMade={(made) => keep({ customer: made })}
            onOther={() => keep({ customer: undefined })}
            onDone={setCustomer}
          />
        </Step>
        <Step number={5} title={text.call} progress={progress(4)} summary={text.arrived}>
          {customer !== undefined && route.data !== null && (
            <CallStep
              customer={customer}
              path={pathToCall(String(route.data['path_pattern']))}
              onArrived={() => {
                setArrived(true)
                forget()
              }}
            />
          )}
        </Step>
      </ol>
      {at === -1 && (
        <div className="mt-5 grid max-w-2xl gap-3 rounded-lg bg-success-soft px-4 py-4">
          <p className="text-success">{text.finished}</p>
          <div>
            <Link to="/ui" className={buttonClass('primary')}>
              {text.toOverview}
            </Link>
          </div>
        </div>
      )}
    </>
  )
}

/** A path that a pattern lets through: `/weather/*` is called as `/weather/`. */
const pathToCall = (pattern: string): string =>
  pattern.startsWith('/') ? pattern.replace(/\*.*$/, '').replaceAll(/\{[^}]*\}/g, '1') : '/'
