import type { Actor } from '#contract/actor.ts'
import { auditActorOf } from '#contract/audit.ts'
import { accept, Fault, type Outcome, type Refusal, refuse, refuseFields } from '#contract/outcome.ts'
import type { PlanRow, SubscriptionRow } from '#contract/rows.gen.ts'
import { periodAt } from '#domain/billing/billing-period.ts'
import { type Proration, prorate } from '#domain/billing/proration.ts'
import type { Price } from '#domain/pricing/price.ts'
import { storedPrice } from '#domain/pricing/read-price.ts'
import { servedStatuses } from '#domain/subscription-standing.ts'
import type { Clock } from '#ports/clock.ts'
import type { Invoke } from '#ports/invoke.ts'
import type { Records } from '#ports/records.ts'
import { defaultApi } from '../identity/own-organization.ts'
import {
  feeOf,
  fitsCurrency,
  isFree,
  mayTry,
  planFor,
  priceOf,
  startsTrial,
  trialEnd,
} from './choose-plan.ts'
import { movedAnchor } from './move-anchor.ts'
import { anchorOf, runningStretch } from './subscription-log.ts'
import { readTerms } from './subscription-terms.ts'

/** Who asks, and for which request. */
export interface PlanKeeper {
  readonly actor: Extract<Actor, { kind: 'member' }>
  readonly requestId: string
}

/** What somebody wishes: a plan by its id or name, at once or with the next period, done or only worked out. */
export interface PlanWish {
  readonly plan: string
  readonly when?: 'now' | 'period_end'
  readonly isPreview: boolean
}

/** A change of plans, done or worked out: what holds from when on, and what it does to the fees of the running period. */
export interface PlanChange {
  readonly isPreview: boolean
  readonly when: 'now' | 'period_end'
  readonly effectiveMs: number
  readonly subscriptionId: string | null
  readonly from: { readonly plan: PlanRow; readonly price: Price } | null
  readonly to: { readonly plan: PlanRow; readonly price: Price }
  /** null where no fee is under way. */
  readonly proration: Proration | null
  /** When the trial ends that begins with the plan. */
  readonly trialEnd: string | null
}

interface Dependencies {
  readonly records: Records
  readonly invoke: Invoke
  readonly clock: Clock
}

/**
 * Changes the plan of the asking organization. A plan with a higher fee begins at once and is prorated to the second; one with a lower
 * fee or commitment, or in another currency, begins with the next period, so that what was sold for this one is served to its end.
 */
export async function changeOwnPlan(
  deps: Dependencies,
  keeper: PlanKeeper,
  wish: PlanWish,
): Promise<Outcome<PlanChange>> {
  for (let tries = 1; ; tries += 1) {
    const changed = await tryChange(deps, keeper, wish)
    const isOutrun = !changed.ok && changed.details?.['reason'] === 'plan_changed'
    if (!isOutrun || tries === mostTries) return changed
  }
}

const mostTries = 3

async function tryChange(
  deps: Dependencies,
  keeper: PlanKeeper,
  wish: PlanWish,
): Promise<Outcome<PlanChange>> {
  const { records, clock } = deps
  const { organizationId } = keeper.actor
  const plan = (await records.get('plan', wish.plan)) ?? (await records.getBy('plan', 'name', wish.plan))
  if (plan === undefined) return misfit('does not exist')
  const apiId = plan.api_id ?? (await defaultApi(records))?.id ?? ''
  const subscription = await servedSubscription(records, organizationId, apiId)
  if (subscription === undefined && !(await isOpen(records, apiId))) return misfit('does not exist')
  const fitting = await planFor(records, plan.id, apiId)
  if (!fitting.ok) return misfit(String(fitting.details?.['reason']))
  const to = { plan, price: storedPrice(plan) }
  const change =
    subscription === undefined
      ? firstPlan(
          to,
          wish,
          clock.now(),
          await mayTry(records, { organization_id: organizationId, api_id: apiId }),
        )
      : await workOut(records, subscription, to, wish, clock.now())
  if (!change.ok || wish.isPreview) return change
  return carry(deps, keeper, change.value, apiId)
}

/**
 * What a change of a subscription's plan would be when an operator makes it; nothing is written. They may also begin a cheaper plan at
 * once: what is not used of the old one is taken off.
 */
export async function previewPlanChange(
  { records, clock }: Pick<Dependencies, 'records' | 'clock'>,
  subscriptionId: string,
  wish: Pick<PlanWish, 'plan' | 'when'>,
): Promise<Outcome<PlanChange>> {
  const subscription = await records.get('subscription', subscriptionId)
  if (subscription === undefined) return refuse('not_found', 'There is no such subscription')
  const plan = await planFor(records, wish.plan, subscription.api_id ?? (await defaultApi(records))?.id ?? '')
  if (!plan.ok) return misfit(String(plan.details?.['reason']))
  const to = { plan: plan.value, price: storedPrice(plan.value) }
  return workOut(records, subscription, to, { ...wish, isPreview: true }, clock.now(), 'any fee')
}

function firstPlan(
  to: PlanChange['to'],
  wish: PlanWish,
  nowMs: number,
  isTrialOpen: boolean,
): Outcome<PlanChange> {
  return accept({
    isPreview: wish.isPreview,
    when: 'now',
    effectiveMs: nowMs,
    subscriptionId: null,
    from: null,
    to,
    proration: null,
    trialEnd: isTrialOpen && to.plan.trial_days > 0 ? trialEnd(to.plan, nowMs) : null,
  })
}

async function workOut(
  records: Records,
  subscription: SubscriptionRow,
  to: PlanChange['to'],
  wish: Pick<PlanWish, 'when' | 'isPreview'>,
  nowMs: number,
  allowed: 'higher fee' | 'any fee' = 'higher fee',
): Promise<Outcome<PlanChange>> {
  if (subscription.plan_id === to.plan.id)
    return refuse('conflict', 'The organization has this plan already', { field: 'plan' })
  if (!['trialing', 'active', 'past_due'].includes(subscription.status))
    return refuse(
      'illegal_transition',
      `The plan of a subscription that is ${subscription.status} cannot change`,
      {
        field: 'status',
        from: subscription.status,
      },
    )
  const plan = await records.get('plan', subscription.plan_id)
  const price = await priceOf(records, subscription)
  if (plan === undefined || price === undefined)
    throw new Fault('internal_error', `${subscription.id} has no plan`)
  const isFeeAllowed = allowed === 'any fee' || feeOf(to.price) >= feeOf(price)
  const mayBeginNow =
    (isFree(price) || isFeeAllowed) && (await fitsCurrency(records, subscription, to.price, nowMs))
  if (wish.when === 'now' && !mayBeginNow)
    return refuseFields([
      { field: 'when', reason: 'must be period_end for a plan with a lower fee or in another currency' },
    ])
  const when = wish.when ?? (mayBeginNow ? 'now' : 'period_end')
  const isTried = when === 'now' && (await startsTrial(records, subscription, to.plan, price))
  const trial = isTried ? trialEnd(to.plan, nowMs) : null
  const moved = when === 'now' ? await movedAnchor(records, subscription, to.plan, nowMs) : undefined
  const anchored = { ...subscription, ...moved }
  const stretch = runningStretch(await readTerms(records, subscription), anchored, nowMs)
  const running = { ...stretch, isCharged: stretch.isCharged && trial === null }
  return accept({
    isPreview: wish.isPreview,
    when,
    effectiveMs: when === 'now' ? nowMs : periodAt(anchorOf(subscription), nowMs).endMs,
    subscriptionId: subscription.id,
    from: { plan, price },
    to,
    proration: when === 'now' ? prorate(price, to.price, running, nowMs) : null,
    trialEnd: trial,
  })
}

async function carry(
  { records, invoke }: Dependencies,
  { actor, requestId }: PlanKeeper,
  change: PlanChange,
  apiId: string,
): Promise<Outcome<PlanChange>> {
  const { organizationId } = actor
  const planId = change.to.plan.id
  // Members do not see plans themselves: the product acts for them, within their organization.
  const call = {
    actor: { kind: 'system', id: 'billing', organizationId },
    onBehalfOf: auditActorOf(actor),
    requestId,
    module: 'subscription',
  } as const
  if (change.subscriptionId === null) {
    const input = { organization_id: organizationId, api_id: apiId, plan_id: planId }
    const made = await invoke({ ...call, action: 'create', input })
    return made.ok ? accept({ ...change, subscriptionId: made.value.row.id }) : made
  }
  const action = change.when === 'now' ? 'change_plan' : 'schedule_plan'
  const id = change.subscriptionId
  // Whether it may begin now was decided by the plan that was seen.
  const seen = change.when === 'now' ? { from_plan_id: change.from?.plan.id } : {}
  const done = await invoke({ ...call, action, id, input: { plan_id: planId, ...seen } })
  if (!done.ok) return done
  if (change.when === 'period_end') return accept(change)
  // What was charged is what the transaction has noted, at its own moment.
  const noted = await records.list('subscription_change', {
    where: [{ field: 'subscription_id', op: 'eq', value: id }],
    sort: { field: 'at', descending: true },
    limit: 1,
  })
  const last = noted.items[0]
  if (last === undefined || last.to_plan_id !== planId || change.proration === null) return accept(change)
  return accept({
    ...change,
    effectiveMs: Date.parse(last.at),
    proration: {
      creditMinor: BigInt(last.credit),
      chargeMinor: BigInt(last.charge),
      netMinor: BigInt(last.charge - last.credit),
      unusedSeconds: last.unused_seconds,
      periodSeconds: last.period_seconds,
    },
  })
}

/** The subscription of an organization to an API that is, or may still be, served. */
async function servedSubscription(
  records: Records,
  organizationId: string,
  apiId: string,
): Promise<SubscriptionRow | undefined> {
  const page = await records.list('subscription', {
    where: [
      { field: 'organization_id', op: 'eq', value: organizationId },
      { field: 'api_id', op: 'eq', value: apiId },
      { field: 'status', op: 'in', value: [...servedStatuses, 'paused'] },
    ],
    sort: { field: 'created_at', descending: true },
    limit: 1,
  })
  return page.items[0]
}

// A private API is not there for those who have no subscription to it.
async function isOpen(records: Records, apiId: string): Promise<boolean> {
  const api = await records.get('api', apiId)
  return api !== undefined && (api.is_default || api.visibility !== 'private')
}

const misfit = (reason: string): Refusal => refuseFields([{ field: 'plan', reason }])
