import type { LimitRule } from './limit-rule.ts'

/** What a plan lets pass: requests a minute (-1 is unlimited), and its further limits. */
export interface PlanLimits {
  readonly perMinute: number
  readonly rules: readonly LimitRule[]
}

/** True for a limit that would never refuse what the plan lets pass: more at once and more over time than it. */
export function isLooser(rule: LimitRule, { perMinute, rules }: PlanLimits): boolean {
  if (rule.algorithm === 'concurrency')
    return rules.some((own) => own.algorithm === 'concurrency' && !own.isShadow && rule.limit > own.limit)
  const perMs = rule.limit / rule.windowMs
  const isPast = (limit: number, windowMs: number): boolean => rule.limit > limit && perMs > limit / windowMs
  if (perMinute >= 0 && isPast(perMinute, 60_000)) return true
  return rules.some(
    (own) => own.algorithm !== 'concurrency' && !own.isShadow && isPast(own.limit, own.windowMs),
  )
}
