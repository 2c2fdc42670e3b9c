import type { OfferedPlan } from '#app/billing/offered-plans.ts'
import type { PlanChange, PlanKeeper, PlanWish } from '#app/billing/own-plan.ts'
import { accept, type Outcome, refuse, refuseFields } from '#contract/outcome.ts'
import { dataAnswer, refusalAnswer } from '#core/channel/http/answer.ts'
import { readBody } from '#core/channel/http/read-body.ts'
import type { ControlHandler, ControlRequest } from '../route-table.ts'

/** What the addresses of an organization's plan need. */
export interface PlanDependencies {
  readonly ownPlan: {
    /** The plans that the asking organization has or may have. */
    offered(keeper: PlanKeeper): Promise<readonly OfferedPlan[]>
    change(keeper: PlanKeeper, wish: PlanWish): Promise<Outcome<PlanChange>>
    /** What a change by an operator would be. */
    preview(subscriptionId: string, wish: Pick<PlanWish, 'plan' | 'when'>): Promise<Outcome<PlanChange>>
  }
}

const signIn = refuse('unauthorized', 'Sign in first')
const known = ['plan', 'plan_id', 'when', 'preview']

/** The plan of an organization, by its rule. */
export function planHandlers({ ownPlan }: PlanDependencies): Readonly<Record<string, ControlHandler>> {
  return {
    'GET /admin/billing/subscriptions/:id/plan-change': async ({ request, parameters, requestId }) => {
      const wish = wishIn(new URL(request.url).searchParams)
      if (!wish.ok) return refusalAnswer(wish, requestId)
      const change = await ownPlan.preview(parameters['id'] ?? '', wish.value)
      return change.ok ? dataAnswer(changeData(change.value)) : refusalAnswer(change, requestId)
    },
    'GET /api/v1/billing/plans': answering(async (keeper) =>
      dataAnswer((await ownPlan.offered(keeper)).map(planData)),
    ),
    'POST /api/v1/billing/upgrade': answering(async (keeper, { request, requestId }) => {
      const wish = await readWish(request)
      if (!wish.ok) return refusalAnswer(wish, requestId)
      const change = await ownPlan.change(keeper, wish.value)
      return change.ok ? dataAnswer(changeData(change.value)) : refusalAnswer(change, requestId)
    }),
  }
}

function answering(work: (keeper: PlanKeeper, asked: ControlRequest) => Promise<Response>): ControlHandler {
  return async (asked) => {
    const actor = asked.person?.actor
    return actor === undefined
      ? refusalAnswer(signIn, asked.requestId)
      : work({ actor, requestId: asked.requestId }, asked)
  }
}

/** What an operator wishes, by the parameters of an address. */
function wishIn(search: URLSearchParams): Outcome<Pick<PlanWish, 'plan' | 'when'>> {
  const { plan = '', when, ...others } = Object.fromEntries(search)
  const problems = Object.keys(others).map((field) => ({ field, reason: 'is not a known parameter' }))
  if (plan === '' || plan.length > 200) problems.push({ field: 'plan', reason: 'must be the id of a plan' })
  if (when !== undefined && when !== 'now' && when !== 'period_end')
    problems.push({ field: 'when', reason: 'must be now or period_end' })
  if (problems.length > 0) return refuseFields(problems)
  return accept({ plan, ...(when === undefined ? {} : { when: when as 'now' | 'period_end' }) })
}

async function readWish(request: Request): Promise<Outcome<PlanWish>> {
  const body = await readBody(request)
  if (!body.ok) return body
  const problems = Object.keys(body.value)
    .filter((field) => !known.includes(field))
    .map((field) => ({ field, reason: 'is not a known field' }))
  const { plan = body.value['plan_id'], when, preview = false } = body.value
  if (typeof plan !== 'string' || plan === '' || plan.length > 200)
    problems.push({ field: 'plan', reason: 'must be the name or id of a plan' })
  if (when !== undefined && when !== 'now' && when !== 'period_end')
    problems.push({ field: 'when', reason: 'must be now or period_end' })
  if (typeof preview !== 'boolean') problems.push({ field: 'preview', reason: 'must be true or false' })
  if (problems.length > 0) return refuseFields(problems)
  const isPreview = preview === true
  return accept({
    plan: String(plan),
    isPreview,
    ...(when === undefined ? {} : { when: when as 'now' | 'period_end' }),
  })
}

/** A plan as members see it: what it gives and costs, and nothing of how the operator runs it. */
const planData = ({ plan, apiId, isOnOffer, isCurrent }: OfferedPlan) => ({
  id: plan.id,
  name: plan.name,
  description: plan.description,
  api_id: apiId,
  is_on_offer: isOnOffer,
  is_current: isCurrent,
  currency: plan.currency,
  price_monthly: plan.price_monthly,
  price_model: plan.price_model,
  overage_price: plan.overage_price,
  overage_unit_price: plan.overage_unit_price,
  unit_price: plan.unit_price,
  package_size: plan.package_size,
  basis_points: plan.basis_points,
  tiers: plan.tiers,
  minimum_commitment: plan.minimum_commitment,
  payment: plan.payment,
  requests_per_month: plan.requests_per_month,
  quota_mode: plan.quota_mode,
  rate_limit_per_minute: plan.rate_limit_per_minute,
  trial_days: plan.trial_days,
  entitlements: plan.entitlements ?? {},
})

const timeText = (ms: number): string => new Date(ms).toISOString()

function changeData({ from, to, proration, ...change }: PlanChange) {
  const side = ({ plan, price }: PlanChange['to']) => ({
    plan_id: plan.id,
    plan: plan.name,
    price_monthly: Number(price.baseMinor),
    currency: price.currency,
  })
  return {
    preview: change.isPreview,
    when: change.when,
    effective_at: timeText(change.effectiveMs),
    subscription_id: change.subscriptionId,
    from: from === null ? null : side(from),
    to: side(to),
    trial_end: change.trialEnd,
    proration:
      proration === null
        ? null
        : {
            currency: to.price.currency,
            credit: Number(proration.creditMinor),
            charge: Number(proration.chargeMinor),
            net: Number(proration.netMinor),
            unused_seconds: proration.unusedSeconds,
            period_seconds: proration.periodSeconds,
          },
  }
}
