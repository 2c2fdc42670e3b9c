import type { RouteRow, UpstreamRow } from '#contract/rows.gen.ts'
import { freeName, namePrefix, routeName } from './names.ts'
import type { WantedRoute } from './wanted-routes.ts'

/** What happens to a record: made, brought up to the document, left alone, or no longer asked for (and left alone). */
export type ImportState = 'new' | 'changed' | 'unchanged' | 'obsolete'

/** One route of an import. */
export interface PlannedRoute {
  readonly state: ImportState
  readonly name: string
  /** Absent of what is new. */
  readonly id: string | undefined
  /** Absent of what is obsolete. */
  readonly wanted: WantedRoute | undefined
  /** Fields that are not as the document asks, of what changed. */
  readonly differences: readonly string[]
  /** Of a route that is there. */
  readonly row: RouteRow | undefined
}

/** The upstream of an import. */
export interface PlannedUpstream {
  readonly state: Exclude<ImportState, 'obsolete'>
  readonly name: string
  readonly id: string | undefined
  readonly baseUrl: string
}

/** An upstream that is there keeps its address unless another one was asked for by name: the document's may be the gateway's own. */
export function planUpstream(
  name: string,
  asked: string | undefined,
  fromDocument: string,
  row: UpstreamRow | undefined,
): PlannedUpstream {
  if (row === undefined) return { state: 'new', name, id: undefined, baseUrl: asked ?? fromDocument }
  const baseUrl = asked ?? row.base_url
  return { state: baseUrl === row.base_url ? 'unchanged' : 'changed', name, id: row.id, baseUrl }
}

/**
 * Compares what the document asks for with what is there. A route is the same when it goes to the same upstream by the same pattern,
 * whatever it is called, or else when it has the name that the import gives. Nothing is ever deleted.
 */
export function planRoutes(
  upstream: PlannedUpstream,
  wanted: readonly WantedRoute[],
  existing: readonly RouteRow[],
): readonly PlannedRoute[] {
  const own = existing.filter((row) => row.upstream_id === upstream.id)
  const left = new Map(own.map((row) => [row.id, row]))
  const byName = new Map(own.map((row) => [row.name, row]))
  const byPattern = Map.groupBy(own, patternKey)
  const preferred = new Map(
    wanted.map((route) => [route, routeName(upstream.name, route.path, route.operationIds)]),
  )
  const named = (route: WantedRoute): RouteRow | undefined => byName.get(preferred.get(route) ?? '')
  const found = new Map<WantedRoute, RouteRow>()
  const claim = (find: (route: WantedRoute) => RouteRow | undefined): void => {
    for (const route of wanted) {
      const row = found.has(route) ? undefined : find(route)
      if (row === undefined || !left.delete(row.id)) continue
      found.set(route, row)
    }
  }
  claim((route) => byPattern.get(patternKey(route.fields))?.find((row) => row === named(route)))
  claim((route) => byPattern.get(patternKey(route.fields))?.find((row) => left.has(row.id)))
  claim(named)

  const names = new Set(existing.map((row) => row.name))
  const planned = wanted.map((route): PlannedRoute => {
    const row = found.get(route)
    if (row !== undefined) return compared(route, row)
    const name = freeName(preferred.get(route) ?? '', route.path, (one) => names.has(one))
    names.add(name)
    return { state: 'new', name, id: undefined, wanted: route, differences: [], row: undefined }
  })
  const prefix = namePrefix(upstream.name)
  const obsolete = [...left.values()]
    .filter((row) => row.name.startsWith(prefix))
    .map((row): PlannedRoute => {
      return { state: 'obsolete', name: row.name, id: row.id, wanted: undefined, differences: [], row }
    })
  return [...planned, ...obsolete]
}

const patternKey = ({ match_type, path_pattern }: Pick<RouteRow, 'match_type' | 'path_pattern'>): string =>
  `${match_type} ${path_pattern}`

function compared(wanted: WantedRoute, row: RouteRow): PlannedRoute {
  const stored = row as unknown as Readonly<Record<string, unknown>>
  const differences = Object.entries(wanted.fields)
    .filter(([field, value]) => !isSame(value, stored[field]))
    .map(([field]) => field)
  const state = differences.length === 0 ? 'unchanged' : 'changed'
  return { state, name: row.name, id: row.id, wanted, differences, row }
}

const isSame = (one: unknown, other: unknown): boolean =>
  JSON.stringify(inOrder(one)) === JSON.stringify(inOrder(other ?? null))

/** Lists of words and members of maps say the same in any order. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(inOrder)
    return items.every((item) => typeof item === 'string') ? items.toSorted() : items
  }
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([name, item]) => [name, inOrder(item)]))
}
