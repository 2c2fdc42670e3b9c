import { refuseFields } from '#contract/outcome.ts'
import type { SubscriptionRow } from '#contract/rows.gen.ts'
import { periodAt } from '#domain/billing/billing-period.ts'
import type { Behaviour } from '#ports/behaviour.ts'
import { mayTry, planFor, trialEnd } from '../billing/choose-plan.ts'
import { dueAt } from '../billing/decide-subscription.ts'
import { refuseSecond } from '../billing/one-subscription.ts'
import { currentPriceVersion } from '../billing/price-version.ts'
import { anchorOf } from '../billing/subscription-log.ts'
import { defaultApi } from '../identity/own-organization.ts'

/** before subscription.create: fills API, price, period and trial from the plan; one served subscription an organization and API. */
export const takeSubscriptionDefaults: Behaviour = async (context) => {
  const { input, records, now } = context
  input['api_id'] ??= (await defaultApi(records))?.id
  if (typeof input['api_id'] !== 'string')
    return refuseFields([{ field: 'api_id', reason: 'is required: there is no default API' }])
  const found = await planFor(records, String(input['plan_id']), input['api_id'])
  if (!found.ok) return found
  const plan = found.value
  const version = await currentPriceVersion(context, plan)
  if (!version.ok) return version
  input['price_version_id'] = version.value
  input['billing_anchor'] ??= plan.billing_anchor
  input['started_at'] ??= new Date(now).toISOString()
  if (Date.parse(String(input['started_at'])) > now)
    return refuseFields([
      { field: 'started_at', reason: 'must not be in the future: it is served from now on' },
    ])
  const period = periodAt(anchorOf(input as unknown as SubscriptionRow), now)
  input['current_period_start'] ??= new Date(period.startMs).toISOString()
  input['current_period_end'] ??= new Date(period.endMs).toISOString()
  const row = rowOf(input)
  if (plan.trial_days > 0 && input['trial_end'] === undefined && (await mayTry(records, row))) {
    input['trial_end'] = trialEnd(plan, now)
    input['status'] = 'trialing'
  }
  input['due_at'] = dueAt(rowOf(input))
  return refuseSecond(records, row)
}

/** after create and update: shows the plan on the users whose own organization this is. */
export const mirrorPlanToUsers: Behaviour = async ({ after, records, invoke }) => {
  const api = await defaultApi(records)
  if (after === undefined || after['api_id'] !== api?.id) return undefined
  const users = await records.list('user', {
    where: [{ field: 'organization_id', op: 'eq', value: after['organization_id'] }],
  })
  for (const user of users.items) {
    if (user.plan_id === after['plan_id']) continue
    const shown = await invoke({
      module: 'user',
      action: 'update',
      id: user.id,
      input: { plan_id: after['plan_id'] },
    })
    if (!shown.ok) return shown
  }
  return undefined
}

// What is not given is not in a draft yet.
const rowOf = (input: Readonly<Record<string, unknown>>): SubscriptionRow =>
  ({ current_period_end: null, trial_end: null, ends_at: null, ...input }) as unknown as SubscriptionRow
