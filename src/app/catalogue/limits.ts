import { type FieldProblem, refuseFields } from '#contract/outcome.ts'
import { parseLimitRules } from '#domain/limit/limit-rule.ts'
import type { Behaviour } from '#ports/behaviour.ts'

/** What is wrong with a list of limits, by field. */
export function limitProblems(limits: unknown, isPublic = false): readonly FieldProblem[] {
  const parsed = parseLimitRules(limits, isPublic)
  return parsed.ok ? [] : parsed.problems
}

/** before plan.create and .update: limits that the gateway can count. */
export const checkPlanLimits: Behaviour = ({ input }) => {
  const problems = limitProblems(input['limits'])
  return problems.length === 0 ? undefined : refuseFields(problems)
}
