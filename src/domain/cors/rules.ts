import type { FieldProblem } from '#contract/outcome.ts'
import { compileOrigin, type OriginRule } from './origin.ts'

/** What browsers may do with a route from pages of other origins. */
export interface CorsRules {
  readonly admits: OriginRule
  /** The answer is the same for every origin: `*`. */
  readonly isForAll: boolean
  /** Ready for a header each; `null` allows whatever headers a preflight asks for. */
  readonly methods: string
  readonly headers: string | null
  readonly exposed: string
  readonly allowsCredentials: boolean
  readonly maxAgeSeconds: number
}

/** A route's `cors` as written, judged: null where it says nothing. */
export type JudgedCors =
  | { readonly ok: true; readonly rules: CorsRules | null }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] }

/** What the gateway itself says about a call, readable for pages without being listed. */
const ownHeaders = [
  'Age',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'X-Cache',
  'X-Quota-Limit',
  'X-Quota-Remaining',
  'X-Quota-Reset',
  'X-Quota-Used',
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
  'X-Request-Id',
]
const usualHeaders = ['Authorization', 'Content-Type', 'Idempotency-Key', 'X-API-Key', 'X-Request-Id']
const usualMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']

const known = ['origins', 'methods', 'headers', 'expose_headers', 'credentials', 'max_age_seconds'] as const
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/
const mostElements = 100
const longestAge = 86_400
const usualAge = 600

/** Judges a stored or given `cors`; `routeMethods` is the route's own list, empty for all. */
export function judgeCors(value: unknown, routeMethods: readonly string[]): JudgedCors {
  if (value === null || value === undefined) return { ok: true, rules: null }
  if (typeof value !== 'object' || Array.isArray(value))
    return { ok: false, problems: [{ field: 'cors', reason: 'must be an object with origins' }] }
  const given = value as Readonly<Record<string, unknown>>
  const problems: FieldProblem[] = []
  const add = (field: string, reason: string): void => void problems.push({ field, reason })
  for (const name of Object.keys(given))
    if (!known.some((one) => one === name)) add(`cors.${name}`, `is not known; cors has ${known.join(', ')}`)
  const admits = originsOf(given['origins'], problems)
  const methods = listOf(
    given['methods'],
    'cors.methods',
    /^[A-Z]{1,20}$/,
    'must be a method in capitals',
    problems,
  )
  const headers = listOf(given['headers'], 'cors.headers', token, 'must be a header name, or *', problems)
  const exposed = listOf(
    given['expose_headers'],
    'cors.expose_headers',
    token,
    'must be a header name',
    problems,
  )
  const credentials = given['credentials'] ?? false
  const isForAll = Array.isArray(given['origins']) && given['origins'].includes('*')
  if (typeof credentials !== 'boolean') add('cors.credentials', 'must be true or false')
  else if (credentials && isForAll)
    add('cors.credentials', 'cannot be true for every origin (*): any page could act as its visitor')
  else if (credentials && exposed?.includes('*') === true)
    add('cors.expose_headers', 'cannot be * with credentials; browsers would not understand it')
  const maxAge = given['max_age_seconds'] ?? usualAge
  if (!Number.isInteger(maxAge) || Number(maxAge) < 0 || Number(maxAge) > longestAge)
    add('cors.max_age_seconds', `must be a whole number from 0 to ${longestAge}`)
  if (problems.length > 0) return { ok: false, problems }
  const served = routeMethods.length === 0 ? usualMethods : routeMethods
  const asked = headers ?? usualHeaders
  return {
    ok: true,
    rules: {
      admits,
      isForAll: isForAll && credentials === false,
      methods: (methods ?? served).join(', '),
      headers: asked.includes('*') ? null : asked.join(', '),
      exposed: [...new Set([...ownHeaders, ...(exposed ?? [])])].join(', '),
      allowsCredentials: credentials === true,
      maxAgeSeconds: Number(maxAge),
    },
  }
}

function originsOf(value: unknown, problems: FieldProblem[]): OriginRule {
  const nobody = (): boolean => false
  if (!Array.isArray(value) || value.length === 0 || value.length > mostElements) {
    const reason = `must be a list of 1 to ${mostElements} origins, for example ["https://app.example.com"]`
    problems.push({ field: 'cors.origins', reason })
    return nobody
  }
  const rules: OriginRule[] = []
  for (const [index, element] of value.entries()) {
    const compiled = compileOrigin(String(element))
    if (compiled.ok) rules.push(compiled.admits)
    else problems.push({ field: `cors.origins[${index}]`, reason: compiled.reason })
  }
  return (origin) => rules.some((admits) => admits(origin))
}

function listOf(
  value: unknown,
  field: string,
  shape: RegExp,
  reason: string,
  problems: FieldProblem[],
): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined
  if (!Array.isArray(value) || value.length > mostElements) {
    problems.push({ field, reason: `must be a list of at most ${mostElements} names` })
    return undefined
  }
  for (const [index, element] of value.entries())
    if (typeof element !== 'string' || !shape.test(element))
      problems.push({ field: `${field}[${index}]`, reason })
  return value.map(String)
}
