import type { FieldProblem } from '#contract/outcome.ts'

const mostNames = 50
const namePattern = /^[a-z][a-z0-9_]{0,62}$/
const textPattern = /^[\x21-\x7e](?:[\x20-\x7e]{0,198}[\x21-\x7e])?$/

/** What every header that tells an upstream of an entitlement begins with, in lower case. */
export const entitlementPrefix = 'x-entitlement-'

/**
 * Reads the `entitlements` of a plan, an object of names and values, into header lines: `max_seats: 5` is `X-Entitlement-Max-Seats: 5`.
 * A value is printable text, a number or a boolean, so that nothing in it can end the line.
 */
export function readEntitlements(
  value: unknown,
):
  | { readonly ok: true; readonly lines: string }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] } {
  if (value === null || value === undefined) return { ok: true, lines: '' }
  const isObject = typeof value === 'object' && !Array.isArray(value)
  const entries = isObject ? Object.entries(value) : []
  if (!isObject || entries.length > mostNames)
    return refused('entitlements', `must be an object of at most ${mostNames} names and values`)
  let lines = ''
  for (const [name, held] of entries) {
    if (!namePattern.test(name)) return refused('entitlements', 'must have names such as max_seats')
    if (!isValue(held))
      return refused(
        `entitlements.${name}`,
        'must be true, false, a number or printable text of at most 200 characters',
      )
    lines += `${headerName(name)}: ${String(held)}\r\n`
  }
  return { ok: true, lines }
}

const isValue = (held: unknown): boolean =>
  typeof held === 'boolean' ||
  (typeof held === 'number' && Number.isFinite(held)) ||
  (typeof held === 'string' && textPattern.test(held))

const headerName = (name: string): string =>
  `X-Entitlement-${name
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('-')}`

const refused = (field: string, reason: string) => ({ ok: false, problems: [{ field, reason }] }) as const
