import { type FieldProblem, refuseFields } from '#contract/outcome.ts'
import type { PlanRow } from '#contract/rows.gen.ts'
import { scopeProblems } from '#domain/access/scopes.ts'
import { judgeIpRules } from '#domain/address/ip-rules.ts'
import { parseLimitRules } from '#domain/limit/limit-rule.ts'
import { isLooser } from '#domain/limit/looser.ts'
import type { Behaviour, BehaviourContext } from '#ports/behaviour.ts'

/** before api_key.restrict: what an organization decides about its key, never looser than its plans. */
export const restrictApiKey: Behaviour = async (context) => {
  const { input } = context
  const ips = judgeIpRules(input['new_allow_ips'], null)
  const problems = [
    ...scopeProblems(input['new_scopes'], true),
    ...(ips.ok ? [] : ips.problems),
    ...(await ownLimitProblems(context)),
  ]
  if (problems.length > 0)
    return refuseFields(problems.map(({ field, reason }) => ({ field: `new_${field}`, reason })))
  for (const [given, field] of fields) if (input[given] !== undefined) input[field] = input[given]
  if (input['new_name'] === null) input['name'] = ''
  if (input['spend_cap'] === -1) input['spend_cap'] = null
  return undefined
}

const fields = [
  ['new_name', 'name'],
  ['new_scopes', 'scopes'],
  ['new_allow_ips', 'allow_ips'],
  ['new_limits', 'own_limits'],
  ['new_spend_cap', 'spend_cap'],
] as const

/** before organization.cap_spending: -1 takes the cap away. */
export const capSpending: Behaviour = ({ input }) => {
  const cap = Number(input['cap'])
  input['spend_cap'] = cap < 0 ? null : cap
  return undefined
}

async function ownLimitProblems(context: BehaviourContext): Promise<readonly FieldProblem[]> {
  const parsed = parseLimitRules(context.input['new_limits'])
  if (!parsed.ok) return parsed.problems
  if (parsed.rules.length === 0) return []
  const plans = await plansOf(context)
  return parsed.rules.flatMap((rule, index) => {
    if (rule.isShadow) return [{ field: `limits[${index}].shadow`, reason: 'is for operators' }]
    const isLoose = plans.length > 0 && plans.every((plan) => isLooser(rule, plan))
    return isLoose ? [{ field: `limits[${index}].limit`, reason: 'is looser than the plan' }] : []
  })
}

/** The plans under which a key can be used, as their limits are. */
async function plansOf({ before, records }: BehaviourContext) {
  const bound = before?.['subscription_id']
  const { items } = await records.list('subscription', {
    where: [
      typeof bound === 'string'
        ? { field: 'id', op: 'eq', value: bound }
        : { field: 'organization_id', op: 'eq', value: String(before?.['organization_id']) },
    ],
    limit: 100,
  })
  const plans: PlanRow[] = []
  for (const id of new Set(items.map(({ plan_id: planId }) => planId))) {
    const plan = await records.get('plan', id)
    if (plan !== undefined) plans.push(plan)
  }
  return plans.map((plan) => {
    const parsed = parseLimitRules(plan.limits)
    return { perMinute: plan.rate_limit_per_minute, rules: parsed.ok ? parsed.rules : [] }
  })
}
