import { accept, type Outcome, refuseFields } from '#contract/outcome.ts'

/** Whole days, UTC. */
export interface DaySpan {
  readonly fromMs: number
  /** The end of the last day. */
  readonly toMs: number
  readonly from: string
  readonly to: string
}

const dayMs = 86_400_000
const day = /^\d{4}-\d{2}-\d{2}$/
const reason = 'must be a day such as 2026-11-21'

/** Reads two days of a query, both of them included; `usual` stands where a day is missing, and without it a missing day is refused. */
export function daySpan(
  search: URLSearchParams,
  names: { readonly from: string; readonly to: string },
  usual: { readonly from: string; readonly to: string } = { from: '', to: '' },
): Outcome<DaySpan> {
  const from = search.get(names.from) ?? usual.from
  const to = search.get(names.to) ?? usual.to
  const [fromMs, lastMs] = [startOf(from), startOf(to)]
  const problems = [
    ...(fromMs === undefined ? [{ field: names.from, reason }] : []),
    ...(lastMs === undefined ? [{ field: names.to, reason }] : []),
  ]
  if (fromMs === undefined || lastMs === undefined) return refuseFields(problems)
  if (lastMs < fromMs) return refuseFields([{ field: names.to, reason: `must not be before ${names.from}` }])
  return accept({ fromMs, toMs: lastMs + dayMs, from, to })
}

function startOf(text: string): number | undefined {
  const atMs = day.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  return Number.isFinite(atMs) ? atMs : undefined
}
