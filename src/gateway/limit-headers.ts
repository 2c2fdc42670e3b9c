import type { LimitRule } from '#domain/limit/limit-rule.ts'
import type { Quota, RequestLimits } from './limits/request-limits.ts'

const monthSeconds = 2_592_000

/** What is the same in every answer about the same rules. */
interface FixedLines {
  /** RateLimit-Policy and the beginning of RateLimit; empty where nothing is limited. */
  readonly policy: string
  /** Of each limit, until what is left of it. */
  readonly items: readonly { readonly field: string; readonly line: string }[]
  readonly quota: string
}

const fixedLines = new WeakMap<readonly LimitRule[], FixedLines>()

function linesOf({ rules, quota }: RequestLimits): FixedLines {
  const known = fixedLines.get(rules)
  if (known !== undefined) return known
  const parts = rules.filter(({ isShadow }) => !isShadow).map(policyPart)
  if (quota !== null && quota.rule.limit >= 0) parts.push(`"quota";q=${quota.rule.limit};w=${monthSeconds}`)
  const lines = {
    policy: parts.length === 0 ? '' : `RateLimit-Policy: ${parts.join(', ')}\r\nRateLimit: `,
    items: rules.map(({ name, limit }) => ({
      field: `"${name}";r=`,
      line: `X-RateLimit-Limit: ${limit}\r\nX-RateLimit-Remaining: `,
    })),
    quota: quota === null ? '' : `X-Quota-Limit: ${quota.rule.limit}\r\nX-Quota-Used: `,
  }
  fixedLines.set(rules, lines)
  return lines
}

const policyPart = ({ name, limit, algorithm, windowMs }: LimitRule): string =>
  algorithm === 'concurrency'
    ? `"${name}";q=${limit};qu="concurrent-requests"`
    : `"${name}";q=${limit};w=${windowMs / 1000}`

const joined = (field: string, part: string): string => (field === '' ? part : `${field}, ${part}`)

/**
 * The limit headers of contracts section 3 as lines, each ended by CRLF: the X- fields, and RateLimit-Policy and RateLimit
 * as in the IETF draft (draft-ietf-httpapi-ratelimit-headers). X-RateLimit-* is the plan's rate limit, or the tightest of the others
 * where it has none. An unlimited quota shows -1; what only counts is not shown.
 */
export function limitLines(all: RequestLimits | null, nowMs: number): string {
  if (all === null) return ''
  const fixed = linesOf(all)
  const { limits, quota } = all
  let field = ''
  let tightest = -1
  let fewest = 0
  let longestMs = 0
  for (let index = 0; index < limits.length; index++) {
    const limit = limits[index] as RequestLimits['limits'][number]
    const { policy, rule } = limit
    if (rule.isShadow) continue
    const left = policy.remaining(limit, nowMs)
    const begin = fixed.items[index]?.field
    if (rule.algorithm === 'concurrency') {
      field = joined(field, `${begin}${left}`)
      continue
    }
    const resetMs = policy.msUntilReset(limit, nowMs)
    field = joined(field, `${begin}${left};t=${Math.ceil(resetMs / 1000)}`)
    const isTighter = tightest === -1 || left < fewest || (left === fewest && resetMs > longestMs)
    // The plan's own rate limit comes first.
    if (!isTighter || (tightest === 0 && limits[0]?.isPlanRate === true)) continue
    tightest = index
    fewest = left
    longestMs = resetMs
  }
  let lines = ''
  if (tightest !== -1)
    lines = `${fixed.items[tightest]?.line}${fewest}\r\nX-RateLimit-Reset: ${Math.ceil((nowMs + longestMs) / 1000)}\r\n`
  if (quota !== null) {
    const { used, left, endMs } = standing(quota, nowMs)
    lines += `${fixed.quota}${used}\r\nX-Quota-Remaining: ${left}\r\nX-Quota-Reset: ${endMs / 1000}\r\n`
    if (left >= 0) field = joined(field, `"quota";r=${left};t=${Math.ceil((endMs - nowMs) / 1000)}`)
  }
  return field === '' ? lines : `${lines}${fixed.policy}${field}\r\n`
}

function standing(quota: Quota, nowMs: number) {
  const used = quota.used(nowMs)
  const { limit } = quota.rule
  return { used, left: limit < 0 ? -1 : Math.max(0, limit - used), endMs: quota.at(nowMs).month.end }
}
