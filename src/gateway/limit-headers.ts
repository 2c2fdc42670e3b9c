import { msUntilFull, tokensLeft } from '#domain/limit/token-bucket.ts'
import type { PlanEntry } from '#ports/snapshot.ts'
import type { CurrentMonth } from './current-month.ts'
import type { Grant } from './grant.ts'

const monthSeconds = 2_592_000

// One text per plan object; plans change rarely and a snapshot keeps their identity.
const policyTexts = new WeakMap<PlanEntry, string>()

function policyText(plan: PlanEntry): string {
  const known = policyTexts.get(plan)
  if (known !== undefined) return known
  const parts: string[] = []
  if (plan.rateLimitPerMinute >= 0) parts.push(`"rate";q=${plan.rateLimitPerMinute};w=60`)
  if (plan.requestsPerMonth >= 0) parts.push(`"quota";q=${plan.requestsPerMonth};w=${monthSeconds}`)
  const text = parts.join(', ')
  policyTexts.set(plan, text)
  return text
}

/**
 * Appends the limit headers of contracts section 3 to a flat header list: the X- fields, and RateLimit-Policy and RateLimit
 * as in the IETF draft (draft-ietf-httpapi-ratelimit-headers). An unlimited quota shows -1.
 */
export function appendLimitHeaders(
  out: string[],
  grant: Grant,
  nowMs: number,
  currentMonth: CurrentMonth,
): void {
  const { plan, bucket, quota } = grant
  let rateField = ''
  if (bucket !== null) {
    const left = tokensLeft(bucket)
    const fullInMs = msUntilFull(bucket, plan.rateLimitPerMinute)
    out.push('X-RateLimit-Limit', String(plan.rateLimitPerMinute), 'X-RateLimit-Remaining', String(left))
    out.push('X-RateLimit-Reset', String(Math.ceil((nowMs + fullInMs) / 1000)))
    rateField = `"rate";r=${left};t=${Math.ceil(fullInMs / 1000)}`
  }
  const monthEnd = currentMonth(nowMs).end
  const used = quota.used + quota.held
  out.push('X-Quota-Limit', String(plan.requestsPerMonth), 'X-Quota-Used', String(used))
  if (plan.requestsPerMonth >= 0) {
    const left = Math.max(0, plan.requestsPerMonth - used)
    out.push('X-Quota-Remaining', String(left))
    const quotaField = `"quota";r=${left};t=${Math.ceil((monthEnd - nowMs) / 1000)}`
    rateField = rateField === '' ? quotaField : `${rateField}, ${quotaField}`
  } else out.push('X-Quota-Remaining', '-1')
  out.push('X-Quota-Reset', String(monthEnd / 1000))
  if (rateField !== '') out.push('RateLimit-Policy', policyText(plan), 'RateLimit', rateField)
}
