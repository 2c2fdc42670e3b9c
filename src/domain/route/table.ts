import type { HostPattern, PathPattern } from './pattern.ts'

/** What a request must be for a route; empty methods and headers match all. */
export interface RouteRule<T> {
  readonly priority: number
  readonly host: HostPattern
  readonly path: PathPattern
  /** Upper case. GET also admits HEAD. */
  readonly methods: readonly string[]
  /** Lower-case name and the value that must be there; `*` is any value. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** Breaks the last tie, so that the order never depends on chance. */
  readonly id: string
  readonly target: T
}

/** The request as matching sees it. */
export interface RouteQuery {
  readonly method: string
  /** Lower case, without port. */
  readonly host: string
  /** Normalised path, without query. */
  readonly path: string
  /** The value of a header by its lower-case name. */
  header(name: string): string | undefined
}

/** A match, with the captures of a regex or the `rest` of a prefix. */
export interface RouteMatch<T> {
  readonly target: T
  readonly captures: Readonly<Record<string, string>>
}

/** Finds the route of a request: a few map look-ups, however many routes there are. */
export interface RouteTable<T> {
  readonly size: number
  match(query: RouteQuery): RouteMatch<T> | undefined
}

interface Ranked<T> extends RouteRule<T> {
  readonly rank: number
}

/** Builds the table. Precedence: priority, host exact > wildcard > regex > none, path exact > prefix > regex, the longer pattern. */
export function routeTable<T>(rules: readonly RouteRule<T>[]): RouteTable<T> {
  const ranked = rules.toSorted(compareRules).map((rule, rank): Ranked<T> => ({ ...rule, rank }))
  const exact = new Map<string, Ranked<T>[]>()
  const prefix = new Map<string, Ranked<T>[]>()
  const regex: Ranked<T>[] = []
  for (const rule of ranked) {
    if (rule.path.kind === 'exact') push(exact, rule.path.path, rule)
    else if (rule.path.kind === 'prefix') push(prefix, rule.path.start, rule)
    else regex.push(rule)
  }
  return {
    size: ranked.length,
    match(query) {
      let best = firstFitting(exact.get(query.path), query, undefined)
      if (prefix.size > 0) {
        for (
          let slash = query.path.lastIndexOf('/');
          slash >= 0;
          slash = query.path.lastIndexOf('/', slash - 1)
        ) {
          best = firstFitting(prefix.get(query.path.slice(0, slash + 1)), query, best)
          if (slash === 0) break
        }
      }
      let groups: Readonly<Record<string, string>> | undefined
      for (const rule of regex) {
        if (best !== undefined && best.rank < rule.rank) break
        if (rule.path.kind !== 'regex' || !fits(rule, query)) continue
        const found = rule.path.regex.exec(query.path)
        if (found === null) continue
        best = rule
        groups = found.groups ?? {}
        break
      }
      if (best === undefined) return undefined
      return { target: best.target, captures: groups ?? capturesOf(best, query.path) }
    },
  }
}

const none: Readonly<Record<string, string>> = {}

function capturesOf<T>(rule: Ranked<T>, path: string): Readonly<Record<string, string>> {
  return rule.path.kind === 'prefix' ? { rest: path.slice(rule.path.start.length) } : none
}

function push<T>(index: Map<string, Ranked<T>[]>, key: string, rule: Ranked<T>): void {
  const list = index.get(key)
  if (list === undefined) index.set(key, [rule])
  else list.push(rule)
}

function firstFitting<T>(
  rules: readonly Ranked<T>[] | undefined,
  query: RouteQuery,
  best: Ranked<T> | undefined,
): Ranked<T> | undefined {
  if (rules === undefined) return best
  for (const rule of rules) {
    if (best !== undefined && best.rank < rule.rank) return best
    if (fits(rule, query)) return rule
  }
  return best
}

function fits<T>(rule: RouteRule<T>, query: RouteQuery): boolean {
  if (!fitsHost(rule.host, query.host)) return false
  if (rule.methods.length > 0 && !fitsMethod(rule.methods, query.method)) return false
  for (const [name, wanted] of rule.headers) {
    const value = query.header(name)
    if (value === undefined || (wanted !== '*' && value !== wanted)) return false
  }
  return true
}

const fitsMethod = (methods: readonly string[], method: string): boolean =>
  methods.includes(method) || (method === 'HEAD' && methods.includes('GET'))

function fitsHost(pattern: HostPattern, host: string): boolean {
  if (pattern.kind === 'any') return true
  if (pattern.kind === 'exact') return pattern.host === host
  if (pattern.kind === 'wildcard') return host.length > pattern.suffix.length && host.endsWith(pattern.suffix)
  return pattern.regex.test(host)
}

const hostOrder = { exact: 0, wildcard: 1, regex: 2, any: 3 } as const
const pathOrder = { exact: 0, prefix: 1, regex: 2 } as const

function compareRules<T>(a: RouteRule<T>, b: RouteRule<T>): number {
  return (
    b.priority - a.priority ||
    hostOrder[a.host.kind] - hostOrder[b.host.kind] ||
    hostLength(b.host) - hostLength(a.host) ||
    pathOrder[a.path.kind] - pathOrder[b.path.kind] ||
    pathLength(b.path) - pathLength(a.path) ||
    b.headers.length - a.headers.length ||
    (a.id < b.id ? -1 : 1)
  )
}

const hostLength = (host: HostPattern): number => (host.kind === 'wildcard' ? host.suffix.length : 0)

function pathLength(path: PathPattern): number {
  if (path.kind === 'exact') return path.path.length
  return path.kind === 'prefix' ? path.start.length : path.regex.source.length
}
