import type { FieldProblem } from '#contract/outcome.ts'

const word = /^[A-Za-z0-9][A-Za-z0-9:._-]{0,63}$/
const mostScopes = 50
const every = '*'

/** What is wrong with the scopes of a key, which may be `*` for all of them, or with those that a route asks for. */
export function scopeProblems(value: unknown, mayBeEvery: boolean): readonly FieldProblem[] {
  if (value === undefined || value === null) return []
  const isScope = (one: unknown): boolean =>
    typeof one === 'string' && (word.test(one) || (mayBeEvery && one === every))
  if (Array.isArray(value) && value.length <= mostScopes && value.every(isScope)) return []
  return [
    { field: 'scopes', reason: `must be a list of at most ${mostScopes} words such as ["orders:read"]` },
  ]
}

/** Stored scopes; what is unreadable grants nothing. */
export const storedScopes = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []

/** The first scope that is asked for and not held; undefined where all are. */
export const missingScope = (asked: readonly string[], held: readonly string[]): string | undefined =>
  held.includes(every) ? undefined : asked.find((scope) => !held.includes(scope))
