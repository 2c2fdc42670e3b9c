import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import { isReservedPath } from '#contract/reserved.ts'
import { compilePath } from '../route/pattern.ts'

/** How a path of a document is matched, and what the upstream is asked for instead; null asks for the same. */
export interface RoutePath {
  readonly match_type: 'exact' | 'regex'
  readonly path_pattern: string
  readonly path_rewrite: string | null
}

/**
 * The pattern of a path: `{name}` takes one segment's worth of characters, everything else stands for itself. Behind a prefix the
 * upstream still gets the path of the document. The reason of a refusal is read after the path.
 */
export function routePathOf(path: string, prefix: string): Outcome<RoutePath> {
  if (!path.startsWith('/')) return no('must begin with /')
  if (/[\s?#\\]/.test(path) || !path.isWellFormed())
    return no('must be a path without query, spaces or backslashes')
  if (isReservedPath(prefix + path))
    return no('collides with a path that the control plane reserves; put the routes below a prefix')
  const parts = partsOf(path)
  if (!parts.ok) return parts
  const isPlain = parts.value.every((part) => part.kind === 'text')
  const written = isPlain ? plainPath(parts.value, prefix) : templatePath(parts.value, prefix)
  const compiled = compilePath(written.path_pattern, written.match_type)
  return compiled.ok ? accept(written) : no(compiled.reason)
}

const no = (reason: string) => refuse('validation_error', reason)

type Part = { readonly kind: 'text' | 'capture'; readonly text: string }

function partsOf(path: string): Outcome<readonly Part[]> {
  const parts: Part[] = []
  const seen = new Set<string>()
  for (const piece of path.split(/(\{[^{}]*\})/)) {
    if (!piece.startsWith('{') || !piece.endsWith('}')) {
      if (/[{}]/.test(piece)) return no('has a brace without its other half')
      if (piece !== '') parts.push({ kind: 'text', text: encoded(piece) })
      continue
    }
    const name = piece.slice(1, -1)
    if (!/^[A-Za-z0-9_.-]{1,100}$/.test(name)) return no(`has a parameter that cannot be captured: ${piece}`)
    const capture = name.replace(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d)/, '_')
    if (seen.has(capture)) return no(`names the parameter ${piece} twice`)
    seen.add(capture)
    parts.push({ kind: 'capture', text: `{${capture}}` })
  }
  return accept(parts)
}

/** Requests carry other characters than ASCII percent-encoded. */
const encoded = (text: string): string => text.replace(/[^\x21-\x7e]+/g, encodeURIComponent)

const joined = (parts: readonly Part[]): string => parts.map(({ text }) => text).join('')

function plainPath(parts: readonly Part[], prefix: string): RoutePath {
  const path = joined(parts)
  return { match_type: 'exact', path_pattern: prefix + path, path_rewrite: prefix === '' ? null : path }
}

function templatePath(parts: readonly Part[], prefix: string): RoutePath {
  const literal = (text: string): string => text.replace(/[.*+?^$()|[\]\\]/g, '\\$&')
  const pattern = parts.map(({ kind, text }) => (kind === 'text' ? literal(text) : text)).join('')
  return {
    match_type: 'regex',
    path_pattern: `^${literal(prefix)}${pattern}$`,
    path_rewrite: prefix === '' ? null : joined(parts),
  }
}

/** Why a text cannot stand before all paths, or undefined; empty is no prefix. */
export function prefixProblem(prefix: string): string | undefined {
  if (prefix === '') return undefined
  if (!/^(\/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$/.test(prefix))
    return 'must be a path such as /weather, without a slash at its end'
  return isReservedPath(prefix) ? 'collides with a path that the control plane reserves' : undefined
}
