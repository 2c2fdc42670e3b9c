import type { RouteRow } from '#contract/rows.gen.ts'
import { type ExplainedRule, explainRules } from '#domain/route/explain.ts'
import type { RouteQuery, RouteRule } from '#domain/route/table.ts'
import type { AskedRequest, RequestPreview } from '#ports/request-preview.ts'
import type { RouteEntry } from '#ports/snapshot.ts'
import type { SnapshotSource } from './load-snapshot.ts'
import { routeRule, upstreamEntry } from './snapshot-entries.ts'

/** Why a stored route is not the one. */
export interface ExplainedRoute {
  readonly row: RouteRow
  readonly reasons: readonly string[]
}

/**
 * The stored routes that come nearest to a request without being its route, the nearest first: those whose path fits; where no route
 * fits at all, the others too.
 */
export async function explainRoutes(
  source: SnapshotSource,
  asked: RequestPreview['asked'],
  request: AskedRequest,
): Promise<readonly ExplainedRoute[]> {
  if (asked === undefined) return []
  const query: RouteQuery = {
    ...asked,
    method: request.method,
    header: (name) => request.headers.find(([one]) => one.toLowerCase() === name)?.[1],
  }
  const { rows, served, off } = await loadRules(source)
  const explained = explainRules(served, query)
  const hasMatch = explained.some((one) => one.isMatch)
  const offWithReason = explainRules(
    off.map(({ rule }) => rule),
    query,
  ).map((one) => withReason(one, off.find(({ rule }) => rule.id === one.rule.id)?.reason ?? ''))
  return [...explained, ...offWithReason]
    .filter((one) => !one.isMatch && (one.fitsPath || !hasMatch))
    .toSorted((a, b) => a.misses - b.misses || Number(b.fitsPath) - Number(a.fitsPath))
    .flatMap(({ rule, reasons }) => {
      const row = rows.get(rule.id)
      return row === undefined ? [] : [{ row, reasons }]
    })
}

type Rule = RouteRule<RouteEntry>

function withReason(one: ExplainedRule<RouteEntry>, reason: string): ExplainedRule<RouteEntry> {
  const others = one.reasons.filter((other) => !other.startsWith('precedence:'))
  return { ...one, isMatch: false, reasons: [reason, ...others], misses: one.misses + 1 }
}

async function loadRules({ records, ...compilers }: SnapshotSource) {
  const upstreams = new Map<string, { entry: ReturnType<typeof upstreamEntry>; isOn: boolean }>()
  for await (const row of records.each('upstream'))
    upstreams.set(row.id, { entry: upstreamEntry(row), isOn: row.enabled })
  const suspended = new Set<string>()
  for await (const row of records.each('api')) if (row.status !== 'active') suspended.add(row.id)
  const rows = new Map<string, RouteRow>()
  const served: Rule[] = []
  const off: { rule: Rule; reason: string }[] = []
  for await (const row of records.each('route')) {
    const upstream = upstreams.get(row.upstream_id)
    const isServed = upstream?.isOn === true && !suspended.has(row.api_id ?? '')
    const rule = routeRule({ ...row, enabled: true }, upstream?.entry, isServed, compilers)
    if (rule === undefined) continue
    rows.set(row.id, row)
    if (row.enabled) served.push(rule)
    else off.push({ rule, reason: 'off: the route is not enabled' })
  }
  return { rows, served, off }
}
