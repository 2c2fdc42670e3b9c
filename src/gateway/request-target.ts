import { type Refusal, refuse } from '#contract/outcome.ts'

/** A request target, taken apart. */
export interface RequestTarget {
  readonly ok: true
  /** What routes are matched against: percent-encoded unreserved characters are decoded. */
  readonly path: string
  /**
   * How a server reads the path that decodes more, merges slashes and knows path parameters; undefined when it is the same. A request
   * whose two readings belong to different routes is refused.
   */
  readonly loosePath: string | undefined
  /** The path as it was sent. */
  readonly rawPath: string
  /** With its `?`, or empty. */
  readonly query: string
}

/**
 * Takes a target apart; refuses dot segments in every spelling, so that no path can mean another one to the upstream, and an authority
 * that is not the one of the Host field, so that no two servers see different hosts.
 */
export function readRequestTarget(target: string, rawHost: string): RequestTarget | Refusal {
  const origin = target.startsWith('/') ? target : originForm(target)
  if (origin === undefined) return refuse('invalid_request', 'The request target is not a path')
  if (origin !== target && authorityOf(target) !== rawHost.toLowerCase())
    return refuse('invalid_request', 'The request target names another host than the Host field')
  const mark = origin.indexOf('?')
  const rawPath = mark === -1 ? origin : origin.slice(0, mark)
  const query = mark === -1 ? '' : origin.slice(mark)
  if (!suspicious.test(rawPath)) return { ok: true, path: rawPath, loosePath: undefined, rawPath, query }
  const decoded = decodeOnce(rawPath)
  if (decoded === undefined) return refuse('invalid_request', 'The path holds a broken percent-encoding')
  if (hasDotSegments(decoded)) return refuse('invalid_request', 'The path holds dot segments')
  if (hasControlCharacter(decoded) || /[#\\]/.test(origin))
    return refuse('invalid_request', 'The path holds forbidden characters')
  const path = decodeUnreserved(rawPath)
  const loosePath = decoded.replace(/;[^/\\]*/g, '').replace(/[/\\]+/g, '/')
  return { ok: true, path, loosePath: loosePath === path ? undefined : loosePath, rawPath, query }
}

const hasDotSegments = (decoded: string): boolean =>
  decoded.split(/[/\\]/).some((segment) => segment === '.' || segment === '..' || /^\.{1,2};/.test(segment))

/** True when a path means another one to a server that resolves dot segments, in whatever spelling. */
export function holdsDotSegments(path: string): boolean {
  if (!suspicious.test(path)) return false
  const decoded = decodeOnce(path)
  return decoded === undefined || hasDotSegments(decoded)
}

const suspicious = /[%\\#;]|\/\.|\/\//

const authorityOf = (target: string): string | undefined =>
  /^https?:\/\/([^/?#]+)/i.exec(target)?.[1]?.toLowerCase()

// A proxy's client may send the absolute form (RFC 9112 section 3.2.2).
function originForm(target: string): string | undefined {
  const match = /^https?:\/\/[^/?#]+(\/[^#]*|\?[^#]*)?$/i.exec(target)
  if (match === null) return undefined
  const rest = match[1] ?? '/'
  return rest.startsWith('/') ? rest : `/${rest}`
}

function decodeOnce(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}

function hasControlCharacter(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < 0x20 || code === 0x7f) return true
  }
  return false
}

function decodeUnreserved(path: string): string {
  return path.replace(/%([0-9a-fA-F]{2})/g, (whole, hex: string) => {
    const char = String.fromCharCode(Number.parseInt(hex, 16))
    return /[A-Za-z0-9._~-]/.test(char) ? char : whole.toUpperCase()
  })
}

/** Takes every `name=value` of one parameter out of a query; the others stay as they were sent. */
export function takeQueryParameter(
  query: string,
  name: string,
): { query: string; value: string | undefined } {
  if (!query.includes(name) && !query.includes('%')) return { query, value: undefined }
  let value: string | undefined
  const kept: string[] = []
  for (const part of query.slice(1).split('&')) {
    const equals = part.indexOf('=')
    const key = decodeQuery(equals === -1 ? part : part.slice(0, equals))
    if (key !== name) kept.push(part)
    else value ??= decodeQuery(equals === -1 ? '' : part.slice(equals + 1))
  }
  return { query: kept.length === 0 ? '' : `?${kept.join('&')}`, value }
}

function decodeQuery(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}
