import { accept, type Outcome, type Refusal, refuseFields } from '#contract/outcome.ts'
import type { PlanRow, SubscriptionRow } from '#contract/rows.gen.ts'
import { periodAt } from '#domain/billing/billing-period.ts'
import { segmentsOf } from '#domain/billing/timeline.ts'
import type { Price } from '#domain/pricing/price.ts'
import { storedPrice } from '#domain/pricing/read-price.ts'
import type { BehaviourContext } from '#ports/behaviour.ts'
import type { Records } from '#ports/records.ts'
import { defaultApi } from '../identity/own-organization.ts'
import { currentPriceVersion } from './price-version.ts'
import { anchorOf, readLog } from './subscription-log.ts'

/** Nobody has more of one API; what is older does not count. */
const mostSubscriptions = 100

/** The plan of that id, if a subscription to the API can have it; else why not. */
export async function planFor(records: Records, planId: string, apiId: string): Promise<Outcome<PlanRow>> {
  const plan = await records.get('plan', planId)
  if (plan === undefined) return misfit('does not exist')
  if (!plan.enabled) return misfit('is not on offer any more')
  const planApiId = plan.api_id ?? (await defaultApi(records))?.id
  return planApiId === apiId ? accept(plan) : misfit('belongs to another API')
}

/** What a subscription costs: its price version, or for one that is older than those its plan of today. */
export async function priceOf(
  records: Pick<Records, 'get'>,
  { plan_id, price_version_id }: Pick<SubscriptionRow, 'plan_id' | 'price_version_id'>,
): Promise<Price | undefined> {
  const version = price_version_id === null ? undefined : await records.get('price_version', price_version_id)
  const terms = version ?? (await records.get('plan', plan_id))
  return terms === undefined ? undefined : storedPrice(terms)
}

/** Puts another plan and its price of today into a subscription's draft; one in another currency has to wait for the next period. */
export async function takePlan(
  context: BehaviourContext,
  before: SubscriptionRow,
  planId: string,
  isPeriodStart = false,
): Promise<Refusal | undefined> {
  const { input, records } = context
  const plan = await planFor(records, planId, before.api_id ?? '')
  if (!plan.ok) return plan
  const old = await priceOf(records, before)
  const next = storedPrice(plan.value)
  if (!isPeriodStart && !(await fitsCurrency(records, before, next, context.now)))
    return misfit(
      `costs ${next.currency} and the running period another currency: it can begin with the next one`,
    )
  const version = await currentPriceVersion(context, plan.value)
  if (!version.ok) return version
  input['plan_id'] = planId
  input['price_version_id'] = version.value
  if (input['pending_plan_id'] === undefined) input['pending_plan_id'] = null
  if (input['status'] === undefined && (await startsTrial(records, before, plan.value, old)))
    Object.assign(input, { status: 'trialing', trial_end: trialEnd(plan.value, context.now) })
  return undefined
}

/**
 * Whether a price can begin in the running period: not where something of it is owed in another currency already, also under a plan that
 * has been left for a free one since. An invoice has one currency, and no number of it is relabelled.
 */
export async function fitsCurrency(
  records: Pick<Records, 'get' | 'list'>,
  subscription: SubscriptionRow,
  next: Pick<Price, 'currency'>,
  nowMs: number,
): Promise<boolean> {
  const isOther = (price: Price | undefined): boolean =>
    price !== undefined && price.currency !== next.currency && !isFree(price)
  if (isOther(await priceOf(records, subscription))) return false
  const changes = await readLog(records, subscription)
  for (const segment of segmentsOf(changes, periodAt(anchorOf(subscription), nowMs))) {
    if (!segment.isCharged) continue
    const { planId: plan_id, priceVersionId: price_version_id } = segment
    if (isOther(await priceOf(records, { plan_id, price_version_id }))) return false
  }
  return true
}

/** Whether a plan's trial begins with it: only for somebody who has tried nothing and paid nothing so far. */
export const startsTrial = async (
  records: Pick<Records, 'get' | 'list'>,
  before: Pick<SubscriptionRow, 'organization_id' | 'api_id' | 'status'>,
  plan: Pick<PlanRow, 'trial_days'>,
  old: Price | undefined,
): Promise<boolean> =>
  plan.trial_days > 0 &&
  before.status === 'active' &&
  (old === undefined || isFree(old)) &&
  (await mayTry(records, before))

/**
 * Whether an organization may still try an API: none of its subscriptions to it, those that are over included, had a trial, a price or
 * an invoice about money. A trial that was cancelled does not come again with the next subscription.
 */
export async function mayTry(
  records: Pick<Records, 'get' | 'list'>,
  { organization_id, api_id }: Pick<SubscriptionRow, 'organization_id' | 'api_id'>,
): Promise<boolean> {
  const { items } = await records.list('subscription', {
    where: [
      { field: 'organization_id', op: 'eq', value: organization_id },
      { field: 'api_id', op: 'eq', value: api_id },
    ],
    sort: { field: 'created_at', descending: true },
    limit: mostSubscriptions,
  })
  for (const subscription of items) {
    const price = await priceOf(records, subscription)
    if (subscription.trial_end !== null || (price !== undefined && !isFree(price))) return false
    const owed = await records.list('invoice', {
      where: [
        { field: 'subscription_id', op: 'eq', value: subscription.id },
        { field: 'total', op: 'gt', value: 0 },
      ],
      limit: 1,
    })
    if (owed.items.length > 0) return false
  }
  return true
}

/** When a trial ends that begins now. */
export const trialEnd = ({ trial_days }: Pick<PlanRow, 'trial_days'>, nowMs: number): string =>
  new Date(nowMs + trial_days * 86_400_000).toISOString()

/** What a whole period comes to at least: the fee, or the commitment where that is more. */
export const feeOf = ({ baseMinor, minimumMinor }: Price): bigint =>
  baseMinor < minimumMinor ? minimumMinor : baseMinor

/** Whether nothing is ever owed under a price. */
export const isFree = (price: Price): boolean =>
  price.baseMinor === 0n &&
  price.minimumMinor === 0n &&
  price.model === 'flat' &&
  (price.includedUnits === null || price.overageUnitMicros === 0n)

const misfit = (reason: string): Refusal => refuseFields([{ field: 'plan_id', reason }])
