import { accept, type FieldProblem, type Outcome, refuseFields } from '#contract/outcome.ts'

/** How long each stretch is. */
export const unitMs = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const
const mostBuckets = 1_500
const usualDays = 30

/** What usage can be told apart by. */
export const groupings = {
  api: 'api_id',
  key: 'api_key_id',
  organization: 'organization_id',
  route: 'route_id',
} as const

/** One of the ways to tell usage apart. */
export type Grouping = keyof typeof groupings

/** What is asked of usage over time; texts as they came in. */
export interface UsageQuestion {
  /** ISO 8601, UTC; the last 30 days unless given. The end is left out. */
  readonly from?: string
  readonly to?: string
  readonly granularity?: string
  readonly groupBy?: string
  readonly organizationId?: string
  readonly apiId?: string
  readonly routeId?: string
  readonly keyId?: string
}

/** Whose usage, and of what: everybody's and everything but for what is named. */
export type NarrowedUsage = Pick<UsageQuestion, 'organizationId' | 'apiId' | 'routeId' | 'keyId'>

/** The question as it is answered: whole stretches from one moment to another. */
export interface AskedUsage {
  readonly fromMs: number
  readonly toMs: number
  readonly granularity: keyof typeof unitMs
  readonly groupBy: Grouping | undefined
  readonly narrowed: NarrowedUsage
}

/** Reads a question. Refuses times that are none, and more than 1,500 stretches at once. */
export function readQuestion(question: UsageQuestion, nowMs: number): Outcome<AskedUsage> {
  const { granularity = 'day', groupBy, from: _from, to: _to, ...narrowed } = question
  const problems: FieldProblem[] = []
  if (!Object.hasOwn(unitMs, granularity))
    problems.push({ field: 'granularity', reason: 'must be minute, hour or day' })
  if (groupBy !== undefined && !Object.hasOwn(groupings, groupBy))
    problems.push({ field: 'group_by', reason: `must be one of ${Object.keys(groupings).join(', ')}` })
  const unit = unitMs[granularity as keyof typeof unitMs] ?? unitMs.day
  const up = (ms: number): number => Math.ceil(ms / unit) * unit
  const toMs = up(question.to === undefined ? nowMs + 1 : Date.parse(question.to))
  const from = question.from === undefined ? toMs - usualDays * unitMs.day : Date.parse(question.from)
  const fromMs = Math.floor(from / unit) * unit
  if (Number.isNaN(toMs)) problems.push({ field: 'to', reason: 'must be a time like 2026-11-21T00:00:00Z' })
  if (Number.isNaN(fromMs))
    problems.push({ field: 'from', reason: 'must be a time like 2026-11-21T00:00:00Z' })
  else if (fromMs >= toMs) problems.push({ field: 'from', reason: 'must be before to' })
  else if ((toMs - fromMs) / unit > mostBuckets)
    problems.push({ field: 'granularity', reason: `makes more than ${mostBuckets} stretches of this time` })
  if (problems.length > 0) return refuseFields(problems)
  return accept({
    fromMs,
    toMs,
    granularity: granularity as keyof typeof unitMs,
    groupBy: groupBy as Grouping | undefined,
    narrowed,
  })
}
