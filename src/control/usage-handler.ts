import { type Outcome, refuseFields } from '#contract/outcome.ts'
import { dataAnswer, refusalAnswer } from '#core/channel/http/answer.ts'
import type { ControlHandler } from './route-table.ts'

/** Usage and cost so far of a month (`YYYY-MM`, this one unless given), of one organization or of all. */
type UsageSummaryQuery = (query: { month?: string; organizationId?: string }) => Promise<Outcome<unknown>>

const known = new Set(['month', 'organization_id'])

/** `GET /admin/usage/summary?month&organization_id`. */
export function usageHandler(deps: { readonly usageSummary: UsageSummaryQuery }): ControlHandler {
  return async ({ request, requestId }) => {
    const parameters = new URL(request.url).searchParams
    const unknown = [...parameters.keys()].filter((name) => !known.has(name))
    if (unknown.length > 0) {
      const problems = unknown.map((field) => ({ field, reason: 'is not a known parameter' }))
      return refusalAnswer(refuseFields(problems), requestId)
    }
    const month = parameters.get('month')
    const organizationId = parameters.get('organization_id')
    const summary = await deps.usageSummary({
      ...(month === null ? {} : { month }),
      ...(organizationId === null ? {} : { organizationId }),
    })
    return summary.ok ? dataAnswer(summary.value) : refusalAnswer(summary, requestId)
  }
}
