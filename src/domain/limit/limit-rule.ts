import type { FieldProblem } from '#contract/outcome.ts'

/** What a limit is counted by. */
export type LimitDimension = 'subscription' | 'key' | 'route' | 'ip'

/** How a limit counts. */
export type LimitAlgorithmName = 'token_bucket' | 'fixed_window' | 'sliding_window' | 'concurrency'

/** One limit: so many requests in a window (or at a time), counted together for all that share the values of `by`. */
export interface LimitRule {
  /** Shown in headers and refusals; unique among the limits of one request. */
  readonly name: string
  readonly algorithm: LimitAlgorithmName
  readonly limit: number
  /** Not used by concurrency. */
  readonly windowMs: number
  readonly by: readonly LimitDimension[]
  /** True only counts what would have been refused. */
  readonly isShadow: boolean
}

const dimensions: readonly string[] = ['ip', 'key', 'route', 'subscription']
const algorithms: readonly string[] = ['concurrency', 'fixed_window', 'sliding_window', 'token_bucket']
// The plan's own rate limit and quota are told under these names.
const takenNames: readonly unknown[] = ['quota', 'rate']
const knownFields = ['algorithm', 'by', 'limit', 'name', 'shadow', 'window_seconds']
const mostRules = 10
const longestWindowSeconds = 86_400

/**
 * Reads the `limits` of a plan, route or key: a list of `{name, limit, window_seconds?, algorithm?, by?, shadow?}`. `isPublic`: requests
 * come without a key, so nothing can be counted by it.
 */
export function parseLimitRules(
  value: unknown,
  isPublic = false,
):
  | { readonly ok: true; readonly rules: readonly LimitRule[] }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] } {
  if (value === null || value === undefined) return { ok: true, rules: [] }
  if (!Array.isArray(value) || value.length > mostRules)
    return {
      ok: false,
      problems: [{ field: 'limits', reason: `must be a list of at most ${mostRules} limits` }],
    }
  const problems = value.flatMap((rule, index) => ruleProblems(rule, `limits[${index}]`, isPublic))
  const names = value.map((rule) => (rule as { name?: unknown } | null)?.name)
  for (const [index, name] of names.entries())
    if (typeof name === 'string' && names.indexOf(name) !== index)
      problems.push({ field: `limits[${index}].name`, reason: 'stands twice' })
  return problems.length > 0 ? { ok: false, problems } : { ok: true, rules: value.map(toRule) }
}

function ruleProblems(rule: unknown, at: string, isPublic: boolean): FieldProblem[] {
  if (typeof rule !== 'object' || rule === null || Array.isArray(rule))
    return [
      { field: at, reason: 'must be an object such as {"name": "burst", "limit": 10, "window_seconds": 1}' },
    ]
  const { name, limit, window_seconds: window, algorithm, by, shadow } = rule as Record<string, unknown>
  const problems: FieldProblem[] = Object.keys(rule)
    .filter((field) => !knownFields.includes(field))
    .map((field) => ({ field: `${at}.${field}`, reason: 'is not a known field' }))
  const check = (field: string, isRight: boolean, reason: string): void => {
    if (!isRight) problems.push({ field: `${at}.${field}`, reason })
  }
  check(
    'name',
    typeof name === 'string' && /^[a-z][a-z0-9_-]{0,31}$/.test(name),
    'must be a short lower-case word',
  )
  check('limit', isWhole(limit, 0, 100_000_000), 'must be a whole number from 0 to 100000000')
  check(
    'window_seconds',
    window === undefined || isWhole(window, 1, longestWindowSeconds),
    `must be a whole number of seconds from 1 to ${longestWindowSeconds}`,
  )
  check(
    'algorithm',
    algorithm === undefined || algorithms.includes(algorithm as string),
    `must be one of ${algorithms.join(', ')}`,
  )
  check('name', !takenNames.includes(name), 'is what the rate limit or the quota of the plan is called')
  const isDimensions = Array.isArray(by) && by.length > 0 && by.every((one) => dimensions.includes(one))
  check('by', by === undefined || isDimensions, `must be a list of ${dimensions.join(', ')}`)
  if (isPublic)
    check(
      'by',
      Array.isArray(by) && by.every((one) => one === 'ip' || one === 'route'),
      'must be a list of ip, route where no key is needed',
    )
  check('shadow', shadow === undefined || typeof shadow === 'boolean', 'must be true or false')
  return problems
}

const isWhole = (value: unknown, least: number, most: number): boolean =>
  Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most

function toRule(value: unknown): LimitRule {
  const rule = value as Record<string, unknown>
  return {
    name: String(rule['name']),
    algorithm: (rule['algorithm'] ?? 'token_bucket') as LimitAlgorithmName,
    limit: Number(rule['limit']),
    windowMs: Number(rule['window_seconds'] ?? 60) * 1000,
    by: (rule['by'] ?? ['subscription']) as LimitDimension[],
    isShadow: rule['shadow'] === true,
  }
}
