import { isReservedPath } from '#contract/reserved.ts'
import { compileLinearRegex, type LinearRegex } from '../linear-regex.ts'

/** How a route's path pattern is read. */
export type MatchType = 'exact' | 'prefix' | 'regex'

/** A path pattern, compiled. */
export type PathPattern =
  | { readonly kind: 'exact'; readonly path: string }
  /** `start` ends with `/`; the pattern matches it and everything below. */
  | { readonly kind: 'prefix'; readonly start: string }
  | { readonly kind: 'regex'; readonly regex: LinearRegex }

/** A host pattern, compiled; hosts are compared in lower case and without port. */
export type HostPattern =
  | { readonly kind: 'any' }
  | { readonly kind: 'exact'; readonly host: string }
  /** `*.example.com`: any one or more labels in front of `suffix`, which begins with a dot. */
  | { readonly kind: 'wildcard'; readonly suffix: string }
  | { readonly kind: 'regex'; readonly regex: LinearRegex }

/** A pattern or the reason why it is none. */
export type Compiled<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string }

/** Compiles a path pattern; the reason completes the sentence "path_pattern ...". */
export function compilePath(pattern: string, matchType: MatchType): Compiled<PathPattern> {
  if (matchType === 'regex') return compileRegexPath(pattern)
  if (!pattern.startsWith('/')) return no('must begin with /')
  if (/[\s?#\\]|\/\.{1,2}(\/|$)|%2e|%2f|%5c/i.test(pattern))
    return no('must be a plain path, without query, dot segments, backslashes or spaces')
  if (isReservedPath(pattern.replace(/\/\*$/, '')))
    return no('collides with a path that the control plane reserves')
  if (matchType === 'exact' || !pattern.includes('*')) {
    if (pattern.includes('*')) return no('of type exact cannot hold *; use type prefix')
    return yes({ kind: 'exact', path: pattern })
  }
  if (pattern.indexOf('*') !== pattern.length - 1 || !pattern.endsWith('/*'))
    return no('of type prefix may hold one *, as the last segment: /things/*')
  return yes({ kind: 'prefix', start: pattern.slice(0, -1) })
}

/** Compiles a host pattern: empty, `api.example.com`, `*.example.com` or `/regular expression/`. */
export function compileHost(pattern: string): Compiled<HostPattern> {
  if (pattern === '') return yes({ kind: 'any' })
  if (pattern.startsWith('/') && pattern.endsWith('/') && pattern.length > 2) {
    const regex = compileRegex(pattern.slice(1, -1))
    return regex.ok ? yes({ kind: 'regex', regex: regex.value }) : regex
  }
  const host = pattern.toLowerCase()
  if (!/^(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(host))
    return no('must be a host name without port, *.host, or a regular expression between slashes')
  return host.startsWith('*.')
    ? yes({ kind: 'wildcard', suffix: host.slice(1) })
    : yes({ kind: 'exact', host })
}

function compileRegexPath(pattern: string): Compiled<PathPattern> {
  const names = [...pattern.matchAll(/\{([A-Za-z_][A-Za-z0-9_]*)\}/g)].map((match) => match[1])
  if (new Set(names).size !== names.length) return no('names a capture twice')
  const regex = compileRegex(pattern.replace(/\{([A-Za-z_][A-Za-z0-9_]*)\}/g, '(?<$1>[^/]+)'))
  if (!regex.ok) return regex
  const literal = /^\^?(\/[A-Za-z0-9._-]+)(?=$|\/|\\\/|\$)/.exec(pattern)?.[1]
  if (literal !== undefined && isReservedPath(literal))
    return no('collides with a path that the control plane reserves')
  return yes({ kind: 'regex', regex: regex.value })
}

/** Compiles a regular expression that has to match as a whole: anchors of its own are not needed. */
function compileRegex(source: string): Compiled<LinearRegex> {
  return compileLinearRegex(source.replace(/^\^/, '').replace(/(?<!\\)\$$/, ''))
}

const yes = <T>(value: T): Compiled<T> => ({ ok: true, value })
const no = (reason: string): { ok: false; reason: string } => ({ ok: false, reason })
