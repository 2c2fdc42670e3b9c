import { msUntilFull, tokensLeft } from '#domain/limit/token-bucket.ts'
import type { PlanEntry } from '#ports/snapshot.ts'
import type { CurrentMonth } from './current-month.ts'
import type { Grant } from './grant.ts'

const monthSeconds = 2_592_000

/** The lines about a plan that are the same in every answer. */
interface PlanLines {
  readonly rate: string
  readonly quota: string
  /** RateLimit-Policy and the beginning of RateLimit; empty where nothing is limited. */
  readonly policy: string
}

// One set of lines per plan object; plans change rarely and a snapshot keeps their identity.
const linesOfPlans = new WeakMap<PlanEntry, PlanLines>()

function linesOf(plan: PlanEntry): PlanLines {
  const known = linesOfPlans.get(plan)
  if (known !== undefined) return known
  const parts: string[] = []
  if (plan.rateLimitPerMinute >= 0) parts.push(`"rate";q=${plan.rateLimitPerMinute};w=60`)
  if (plan.requestsPerMonth >= 0) parts.push(`"quota";q=${plan.requestsPerMonth};w=${monthSeconds}`)
  const lines = {
    rate: `X-RateLimit-Limit: ${plan.rateLimitPerMinute}\r\n`,
    quota: `X-Quota-Limit: ${plan.requestsPerMonth}\r\n`,
    policy: parts.length === 0 ? '' : `RateLimit-Policy: ${parts.join(', ')}\r\nRateLimit: `,
  }
  linesOfPlans.set(plan, lines)
  return lines
}

/**
 * The limit headers of contracts section 3 as lines, each ended by CRLF: the X- fields, and RateLimit-Policy and RateLimit
 * as in the IETF draft (draft-ietf-httpapi-ratelimit-headers). An unlimited quota shows -1.
 */
export function limitLines(grant: Grant, nowMs: number, currentMonth: CurrentMonth): string {
  const { plan, bucket, quota } = grant
  const fixed = linesOf(plan)
  let lines = ''
  let field = ''
  if (bucket !== null) {
    const left = tokensLeft(bucket)
    const fullInMs = msUntilFull(bucket, plan.rateLimitPerMinute)
    const reset = Math.ceil((nowMs + fullInMs) / 1000)
    lines = `${fixed.rate}X-RateLimit-Remaining: ${left}\r\nX-RateLimit-Reset: ${reset}\r\n`
    field = `"rate";r=${left};t=${Math.ceil(fullInMs / 1000)}`
  }
  const monthEnd = currentMonth(nowMs).end
  const used = quota.used + quota.held
  const isLimited = plan.requestsPerMonth >= 0
  const left = isLimited ? Math.max(0, plan.requestsPerMonth - used) : -1
  if (isLimited) {
    const quotaField = `"quota";r=${left};t=${Math.ceil((monthEnd - nowMs) / 1000)}`
    field = field === '' ? quotaField : `${field}, ${quotaField}`
  }
  lines +=
    `${fixed.quota}X-Quota-Used: ${used}\r\nX-Quota-Remaining: ${left}\r\n` +
    `X-Quota-Reset: ${monthEnd / 1000}\r\n`
  return field === '' ? lines : `${lines}${fixed.policy}${field}\r\n`
}
