import { parseDirectives, secondsOf } from './cache-control.ts'

/** An answer of an upstream as storing looks at it. */
export interface JudgedAnswer {
  readonly status: number
  /** The value of a field by its lower-case name, several fields joined by commas. */
  header(name: string): string | undefined
}

/** How an answer may be kept and used. */
export interface Keeping {
  /** Milliseconds for which it may be used unasked, from when it was made; 0 where it always has to be asked for again. */
  readonly lifetimeMs: number
  /** Its age when it came, in milliseconds. */
  readonly ageMs: number
  /** The upstream says itself that answers to requests with credentials may be shared. */
  readonly isForAnyone: boolean
  /** The request fields that it depends on, in lower case. */
  readonly vary: readonly string[]
}

/** What may be kept when the upstream says for how long; of those, what is kept for `ttl_seconds` when it does not say. */
const explicit: ReadonlySet<number> = new Set([200, 203, 204, 300, 301, 302, 307, 308, 404, 405, 410, 414])
const byDefault: ReadonlySet<number> = new Set([200, 203, 204, 300, 301, 308])
const mostVary = 10

/**
 * Decides whether a shared cache may keep an answer (RFC 9111 sections 3 and 4.2); undefined when not. `defaultSeconds` is how long an
 * answer holds that does not say; `requestMs` how long the upstream took.
 */
export function judgeKeeping(
  answer: JudgedAnswer,
  asked: { readonly hasCredentials: boolean; readonly defaultSeconds: number; readonly requestMs: number },
  nowMs: number,
): Keeping | undefined {
  const directives = parseDirectives(answer.header('cache-control'))
  if (directives.has('no-store') || directives.has('private')) return undefined
  if (!explicit.has(answer.status) || answer.header('set-cookie') !== undefined) return undefined
  const vary = varyNames(answer.header('vary'))
  if (vary === undefined) return undefined
  const isForAnyone =
    directives.has('public') || directives.has('s-maxage') || directives.has('must-revalidate')
  if (asked.hasCredentials && !isForAnyone) return undefined
  const dateMs = timeOf(answer.header('date')) ?? nowMs
  const said = saidSeconds(answer, directives, dateMs)
  if (said === undefined && !byDefault.has(answer.status)) return undefined
  const seconds = directives.has('no-cache') ? 0 : (said ?? asked.defaultSeconds)
  const hasValidator = answer.header('etag') !== undefined || answer.header('last-modified') !== undefined
  if (seconds <= 0 && !hasValidator) return undefined
  const ageMs = Math.max(nowMs - dateMs, 1000 * saidAge(answer) + asked.requestMs, 0)
  return { lifetimeMs: seconds * 1000, ageMs, isForAnyone, vary }
}

function saidSeconds(
  answer: JudgedAnswer,
  directives: ReturnType<typeof parseDirectives>,
  dateMs: number,
): number | undefined {
  const shared = secondsOf(directives, 's-maxage') ?? secondsOf(directives, 'max-age')
  if (shared !== undefined) return shared
  const expires = answer.header('expires')
  if (expires !== undefined) return Math.max(0, Math.floor(((timeOf(expires) ?? 0) - dateMs) / 1000))
  return undefined
}

const saidAge = (answer: JudgedAnswer): number => {
  const age = answer.header('age') ?? '0'
  return /^\d{1,9}$/.test(age) ? Number(age) : 0
}

function timeOf(value: string | undefined): number | undefined {
  const time = value === undefined ? Number.NaN : Date.parse(value)
  return Number.isNaN(time) ? undefined : time
}

/** Undefined when no other request could be answered with it. */
function varyNames(value: string | undefined): readonly string[] | undefined {
  const names = new Set(
    (value ?? '')
      .toLowerCase()
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  )
  return names.has('*') || names.size > mostVary ? undefined : [...names].sort()
}

/** Whether a kept answer of this age may be used for a request without asking the upstream (RFC 9111 section 4). */
export function mayUse(ageMs: number, lifetimeMs: number, requestDirectives: string | undefined): boolean {
  if (ageMs >= lifetimeMs) return false
  if (requestDirectives === undefined) return true
  const directives = parseDirectives(requestDirectives)
  if (directives.has('no-cache')) return false
  const most = secondsOf(directives, 'max-age')
  if (most !== undefined && ageMs > most * 1000) return false
  return lifetimeMs - ageMs >= 1000 * (secondsOf(directives, 'min-fresh') ?? 0)
}
