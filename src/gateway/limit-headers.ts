import type { LimitRule } from '#domain/limit/limit-rule.ts'
import type { Quota, RequestLimits } from './limits/request-limits.ts'
import type { Limit } from './policies/policy.ts'

const monthSeconds = 2_592_000

/** RateLimit-Policy and the beginning of RateLimit, the same in every answer about the same rules; empty where there is nothing. */
const policyLines = new WeakMap<readonly LimitRule[], string>()

function policyLine({ rules, quota }: RequestLimits): string {
  const known = policyLines.get(rules)
  if (known !== undefined) return known
  const parts = rules.filter(({ isShadow }) => !isShadow).map(policyPart)
  if (quota !== null && quota.rule.limit >= 0) parts.push(`"quota";q=${quota.rule.limit};w=${monthSeconds}`)
  const line = parts.length === 0 ? '' : `RateLimit-Policy: ${parts.join(', ')}\r\nRateLimit: `
  policyLines.set(rules, line)
  return line
}

const policyPart = ({ name, limit, algorithm, windowMs }: LimitRule): string =>
  algorithm === 'concurrency'
    ? `"${name}";q=${limit};qu="concurrent-requests"`
    : `"${name}";q=${limit};w=${windowMs / 1000}`

/**
 * The limit headers of contracts section 3 as lines, each ended by CRLF: the X- fields, and RateLimit-Policy and RateLimit
 * as in the IETF draft (draft-ietf-httpapi-ratelimit-headers). X-RateLimit-* is the plan's rate limit, or the tightest of the others
 * where it has none. An unlimited quota shows -1; what only counts is not shown.
 */
export function limitLines(all: RequestLimits | null, nowMs: number): string {
  if (all === null) return ''
  const { limits, quota } = all
  let field = ''
  let tightest: Limit | undefined
  let fewest = 0
  let resetMs = 0
  for (const limit of limits) {
    if (limit.rule.isShadow) continue
    const { policy, rule } = limit
    const left = policy.remaining(limit, nowMs)
    const fullInMs = policy.msUntilReset(limit, nowMs)
    const reset = rule.algorithm === 'concurrency' ? '' : `;t=${Math.ceil(fullInMs / 1000)}`
    const part = `"${rule.name}";r=${left}${reset}`
    field = field === '' ? part : `${field}, ${part}`
    if (reset === '' || tightest?.isPlanRate === true) continue
    if (tightest === undefined || left < fewest || (left === fewest && fullInMs > resetMs)) {
      tightest = limit
      fewest = left
      resetMs = fullInMs
    }
  }
  let lines = ''
  if (tightest !== undefined)
    lines =
      `X-RateLimit-Limit: ${tightest.rule.limit}\r\nX-RateLimit-Remaining: ${fewest}\r\n` +
      `X-RateLimit-Reset: ${Math.ceil((nowMs + resetMs) / 1000)}\r\n`
  if (quota !== null) {
    const { used, left, month } = quotaStanding(quota, nowMs)
    lines +=
      `X-Quota-Limit: ${quota.rule.limit}\r\nX-Quota-Used: ${used}\r\nX-Quota-Remaining: ${left}\r\n` +
      `X-Quota-Reset: ${month.end / 1000}\r\n`
    if (left >= 0) {
      const part = `"quota";r=${left};t=${Math.ceil((month.end - nowMs) / 1000)}`
      field = field === '' ? part : `${field}, ${part}`
    }
  }
  return field === '' ? lines : `${lines}${policyLine(all)}${field}\r\n`
}

function quotaStanding(quota: Quota, nowMs: number) {
  const used = quota.used(nowMs)
  const { limit } = quota.rule
  return { used, left: limit < 0 ? -1 : Math.max(0, limit - used), month: quota.at(nowMs).month }
}
