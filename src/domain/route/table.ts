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
  /** Everything that a match can lead to. */
  readonly targets: readonly T[]
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
    targets: ranked.map(({ target }) => target),
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
        groups = rule.path.regex.match(query.path)
        if (groups === undefined) continue
        best = rule
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
  if (!fitsMethod(rule.methods, query.method)) return false
  for (const header of rule.headers) if (!fitsHeader(header, query)) return false
  return true
}

/** True when a list of methods (empty is all) lets a method in; GET lets HEAD in. */
export const fitsMethod = (methods: readonly string[], method: string): boolean =>
  methods.length === 0 || methods.includes(method) || (method === 'HEAD' && methods.includes('GET'))

/** True when a host (lower case, without port) fits a pattern. */
export function fitsHost(pattern: HostPattern, host: string): boolean {
  if (pattern.kind === 'any') return true
  if (pattern.kind === 'exact') return pattern.host === host
  if (pattern.kind === 'wildcard') return host.length > pattern.suffix.length && host.endsWith(pattern.suffix)
  return pattern.regex.match(host) !== undefined
}

/** True when a request has a header as a route wants it; `*` is any value. */
export function fitsHeader(
  [name, wanted]: readonly [name: string, value: string],
  query: RouteQuery,
): boolean {
  const value = query.header(name)
  return value !== undefined && (wanted === '*' || value === wanted || value === announcedValue)
}

/** Stands for the value of a header that is only announced, by a preflight; no header that was sent can have it. */
export const announcedValue = '\0'

const hostOrder = { exact: 0, wildcard: 1, regex: 2, any: 3 } as const
const pathOrder = { exact: 0, prefix: 1, regex: 2 } as const

/** What decides between two rules that both fit, the first difference winning; the last one is the id. */
const precedence: readonly (readonly [
  name: 'priority' | 'host' | 'path' | 'headers' | 'id',
  compare: (a: RouteRule<unknown>, b: RouteRule<unknown>) => number,
])[] = [
  ['priority', (a, b) => b.priority - a.priority],
  [
    'host',
    (a, b) => hostOrder[a.host.kind] - hostOrder[b.host.kind] || hostLength(b.host) - hostLength(a.host),
  ],
  [
    'path',
    (a, b) => pathOrder[a.path.kind] - pathOrder[b.path.kind] || pathLength(b.path) - pathLength(a.path),
  ],
  ['headers', (a, b) => b.headers.length - a.headers.length],
  ['id', (a, b) => (a.id < b.id ? -1 : 1)],
]

/** Orders rules by precedence, the first one winning. */
export function compareRules(a: RouteRule<unknown>, b: RouteRule<unknown>): number {
  for (const [, compare] of precedence) {
    const order = compare(a, b)
    if (order !== 0) return order
  }
  return 0
}

/** What decides between two different rules that both fit. */
export const decidedBy = (
  a: RouteRule<unknown>,
  b: RouteRule<unknown>,
): 'priority' | 'host' | 'path' | 'headers' | 'id' =>
  precedence.find(([, compare]) => compare(a, b) !== 0)?.[0] ?? 'id'

const hostLength = (host: HostPattern): number => (host.kind === 'wildcard' ? host.suffix.length : 0)

function pathLength(path: PathPattern): number {
  if (path.kind === 'exact') return path.path.length
  return path.kind === 'prefix' ? path.start.length : path.regex.source.length
}
