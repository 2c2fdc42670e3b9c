import type { UsageOverTime } from '#app/usage/explore.ts'
import type { LatencyOverTime, LatencyQuestion } from '#app/usage/explore-latency.ts'
import type { MonthForecast } from '#app/usage/forecast-month.ts'
import type { UsageSummary } from '#app/usage/summarize.ts'
import type { UsageQuestion } from '#app/usage/usage-question.ts'
import { accept, type Outcome, refuseFields } from '#contract/outcome.ts'
import { dataAnswer, refusalAnswer } from '#core/channel/http/answer.ts'
import { asMember } from './account/member-request.ts'
import type { ControlHandler } from './route-table.ts'

/** What the addresses of usage over time need. */
export interface UsageSeriesDependencies {
  readonly exploreUsage: (question: UsageQuestion) => Promise<Outcome<UsageOverTime>>
  readonly exploreLatency: (question: LatencyQuestion) => Promise<Outcome<LatencyOverTime>>
  readonly usageSummary: (query: {
    month?: string
    organizationId?: string
  }) => Promise<Outcome<UsageSummary>>
  readonly forecastMonth: (
    rows: UsageSummary['rows'],
    organizationId: string,
  ) => Promise<ReadonlyMap<string, MonthForecast>>
}

const stretch = { from: 'from', to: 'to', granularity: 'granularity' } as const
const names = { ...stretch, group_by: 'groupBy' } as const
const ofRoutes = { api_id: 'apiId', route_id: 'routeId' } as const
const narrowing = { ...ofRoutes, organization_id: 'organizationId', api_key_id: 'keyId' } as const

/** Usage over time for operators and for the members of an organization, by its rule. */
export function usageSeriesHandlers(deps: UsageSeriesDependencies): Readonly<Record<string, ControlHandler>> {
  return {
    'GET /admin/usage/series': async ({ request, requestId }) => {
      const asked = readQuery(request, { ...names, ...narrowing })
      if (!asked.ok) return refusalAnswer(asked, requestId)
      return answer(await deps.exploreUsage(asked.value), requestId)
    },
    'GET /admin/usage/latency': async ({ request, requestId }) => {
      const asked = readQuery(request, { ...stretch, ...ofRoutes })
      if (!asked.ok) return refusalAnswer(asked, requestId)
      return answer(await deps.exploreLatency(asked.value), requestId)
    },
    'GET /api/v1/dashboard/usage-graph': asMember(async ({ actor, requestId }, { request }) => {
      const asked = readQuery(request, names)
      if (!asked.ok) return refusalAnswer(asked, requestId)
      const { organizationId } = actor
      return answer(await deps.exploreUsage({ ...asked.value, organizationId }), requestId)
    }),
    'GET /api/v1/dashboard/api-keys': asMember(async ({ actor, requestId }, { request }) => {
      const asked = readQuery(request, { from: 'from', to: 'to' })
      if (!asked.ok) return refusalAnswer(asked, requestId)
      const { organizationId } = actor
      const used = await deps.exploreUsage({ ...asked.value, groupBy: 'key', organizationId })
      if (!used.ok) return refusalAnswer(used, requestId)
      const { from, to, series } = used.value
      return dataAnswer({ from, to, keys: series.map(({ id, name, totals }) => ({ id, name, ...totals })) })
    }),
    'GET /api/v1/dashboard/stats': asMember(async ({ actor, requestId }, { request }) => {
      const asked = readQuery(request, {})
      if (!asked.ok) return refusalAnswer(asked, requestId)
      const { organizationId } = actor
      const summary = await deps.usageSummary({ organizationId })
      const today = await deps.exploreUsage({ organizationId, granularity: 'day' })
      if (!summary.ok) return refusalAnswer(summary, requestId)
      if (!today.ok) return refusalAnswer(today, requestId)
      const { rows } = summary.value
      const forecasts = await deps.forecastMonth(rows, organizationId)
      const day = today.value.series[0]?.points.at(-1)
      return dataAnswer({
        month: summary.value.month,
        subscriptions: rows.map((row) => ({
          ...ownRow(row),
          forecast: forecasts.get(row.subscription_id) ?? null,
        })),
        today: { requests: day?.requests ?? 0, units: day?.units ?? 0, errors: day?.errors ?? 0 },
      })
    }),
  }
}

/** A subscription's month without what its own members know anyway. */
function ownRow({ organization_id: _id, organization: _name, ...row }: UsageSummary['rows'][number]) {
  return row
}

function answer(outcome: Outcome<UsageOverTime | LatencyOverTime>, requestId: string): Response {
  return outcome.ok ? dataAnswer(outcome.value) : refusalAnswer(outcome, requestId)
}

/** The parameters of a query under our names; any other one is refused. */
function readQuery(
  request: Request,
  known: Readonly<Record<string, keyof UsageQuestion>>,
): Outcome<UsageQuestion> {
  const question: { -readonly [Name in keyof UsageQuestion]: string } = {}
  const unknown: string[] = []
  for (const [name, value] of new URL(request.url).searchParams) {
    const ours = Object.hasOwn(known, name) ? known[name] : undefined
    if (ours === undefined) unknown.push(name)
    else question[ours] = value
  }
  if (unknown.length === 0) return accept(question)
  return refuseFields(unknown.map((field) => ({ field, reason: 'is not a known parameter' })))
}
