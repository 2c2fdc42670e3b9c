import type { LinearRegex } from '../linear-regex.ts'
import type { HostPattern, PathPattern } from './pattern.ts'
import {
  compareRules,
  decidedBy,
  fitsHeader,
  fitsHost,
  fitsMethod,
  type RouteQuery,
  type RouteRule,
} from './table.ts'

/** What a rule and a request have to do with each other. */
export interface ExplainedRule<T> {
  readonly rule: RouteRule<T>
  /** It is the one that the table finds. */
  readonly isMatch: boolean
  /** Why it is not, in words; empty for the match. */
  readonly reasons: readonly string[]
  /** How many of path, host, method and headers do not fit; 0 for the match and for what another rule goes before. */
  readonly misses: number
  readonly fitsPath: boolean
}

/** Says of every rule why it is or is not the one that the route table finds, in the order of precedence. */
export function explainRules<T>(
  rules: readonly RouteRule<T>[],
  query: RouteQuery,
): readonly ExplainedRule<T>[] {
  const ordered = rules.toSorted(compareRules)
  let match: RouteRule<T> | undefined
  return ordered.map((rule) => {
    const fitsPath = pathFits(rule.path, query.path)
    const reasons = missesOf(rule, query, fitsPath)
    const misses = reasons.length
    const isMatch = misses === 0 && match === undefined
    if (isMatch) match = rule
    else if (misses === 0 && match !== undefined) reasons.push(outranked(match, rule))
    return { rule, isMatch, reasons, misses, fitsPath }
  })
}

function pathFits(pattern: PathPattern, path: string): boolean {
  if (pattern.kind === 'exact') return path === pattern.path
  return pattern.kind === 'prefix' ? path.startsWith(pattern.start) : pattern.regex.match(path) !== undefined
}

function missesOf<T>(rule: RouteRule<T>, query: RouteQuery, fitsPath: boolean): string[] {
  const reasons: string[] = []
  if (!fitsPath) reasons.push(`path: ${query.path} is not ${pathText(rule.path)}`)
  if (!fitsHost(rule.host, query.host))
    reasons.push(
      `host: ${query.host === '' ? 'none was sent' : query.host}, and it wants ${hostText(rule.host)}`,
    )
  if (!fitsMethod(rule.methods, query.method))
    reasons.push(`method: ${query.method}, and it takes ${rule.methods.join(', ')}`)
  for (const header of rule.headers) {
    if (fitsHeader(header, query)) continue
    const [name, wanted] = header
    const found = query.header(name)
    const isThere = found === undefined ? 'is not there' : 'has another value'
    reasons.push(`header: ${name} ${isThere}, and it wants ${wanted === '*' ? 'any value' : wanted}`)
  }
  return reasons
}

const pathText = (pattern: PathPattern): string => {
  if (pattern.kind === 'exact') return pattern.path
  return pattern.kind === 'prefix' ? `below ${pattern.start}` : `like ${readable(pattern.regex)}`
}

/** A compiled path as operators write it. */
const readable = ({ source }: LinearRegex): string => source.replace(/\(\?<(\w+)>\[\^\/\]\+\)/g, '{$1}')

const hostText = (pattern: HostPattern): string => {
  if (pattern.kind === 'any') return 'any'
  if (pattern.kind === 'exact') return pattern.host
  return pattern.kind === 'wildcard' ? `*${pattern.suffix}` : `/${pattern.regex.source}/`
}

const words = {
  priority: (a: RouteRule<unknown>, b: RouteRule<unknown>) =>
    `priority ${a.priority} goes before ${b.priority}`,
  host: () => 'a more specific host goes before it',
  path: () => 'a more specific path goes before it: exact, then prefix, then regex, then the longer one',
  headers: () => 'a route that wants more headers goes before it',
  id: () => 'it is equal to the match in everything, and an older id goes before it',
}

const outranked = (winner: RouteRule<unknown>, rule: RouteRule<unknown>): string =>
  `precedence: ${words[decidedBy(winner, rule)](winner, rule)}`
