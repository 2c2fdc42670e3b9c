import type { FieldProblem } from '#contract/outcome.ts'

/** How a route keeps answers. */
export interface CacheRules {
  /** How long an answer holds that does not say; 0 keeps only what says. */
  readonly ttlSeconds: number
  /** Larger answers are not kept. */
  readonly maxBodyBytes: number
  /** Customers get each other's answers. */
  readonly isShared: boolean
}

/** A route's `cache` as written, judged; null where nothing is kept. */
export type JudgedCache =
  | { readonly ok: true; readonly rules: CacheRules | null }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] }

const known = ['ttl_seconds', 'max_body_bytes', 'vary_by_key']
const longestTtl = 31_536_000
const mostBytes = 8 * 1024 * 1024
const usualBytes = 1024 * 1024

/** Judges a stored or given `cache`. */
export function judgeCache(value: unknown): JudgedCache {
  if (value === null || value === undefined) return { ok: true, rules: null }
  if (typeof value !== 'object' || Array.isArray(value))
    return {
      ok: false,
      problems: [{ field: 'cache', reason: 'must be an object, for example {"ttl_seconds": 60}' }],
    }
  const given = value as Readonly<Record<string, unknown>>
  const problems: FieldProblem[] = []
  for (const name of Object.keys(given))
    if (!known.includes(name))
      problems.push({ field: `cache.${name}`, reason: `is not known; cache has ${known.join(', ')}` })
  const { ttl_seconds: ttl = 0, max_body_bytes: bytes = usualBytes, vary_by_key: varies = true } = given
  if (!isWhole(ttl, 0, longestTtl))
    problems.push({ field: 'cache.ttl_seconds', reason: `must be a whole number from 0 to ${longestTtl}` })
  if (!isWhole(bytes, 1, mostBytes))
    problems.push({ field: 'cache.max_body_bytes', reason: `must be a whole number from 1 to ${mostBytes}` })
  if (typeof varies !== 'boolean')
    problems.push({ field: 'cache.vary_by_key', reason: 'must be true or false' })
  if (problems.length > 0) return { ok: false, problems }
  return {
    ok: true,
    rules: { ttlSeconds: Number(ttl), maxBodyBytes: Number(bytes), isShared: varies === false },
  }
}

const isWhole = (value: unknown, least: number, most: number): boolean =>
  Number.isInteger(value) && Number(value) >= least && Number(value) <= most
