import { accept } from '#contract/outcome.ts'
import type { Rows } from '#contract/rows.gen.ts'
import { formatMoney } from '#domain/money.ts'
import { countText } from '#domain/pricing/charge-line.ts'
import type { JobQueue } from '#ports/capability/job-queue.ts'
import type { SendMail } from '#ports/mail.ts'
import type { Records } from '#ports/records.ts'
import type { ReadRecurrence } from '#ports/recurrence.ts'
import { ownersOf } from '../account/key-notices.ts'
import type { AlertProgress, ReadAlertProgress, WatchedUse } from './alert-progress.ts'
import { watchedRouteCaps } from './route-caps.ts'

interface Deps {
  readonly records: Records
  readonly readProgress: ReadAlertProgress
  readonly sendMail: SendMail
}

const jobName = 'usage.alert'
const everyMinute = '* * * * *'
const levels = [100, 80, 50] as const
const cappedKeys = [
  { field: 'spend_cap', op: 'gt', value: 0 },
  { field: 'revoked_at', op: 'eq', value: null },
] as const
const cappedRoutes = [{ field: 'cap', op: 'gt', value: 0 }] as const

/**
 * Tells owners when use has reached 50, 80 and 100 % of an alert, or of the cap of a key or a route: each level once a month, and only the highest
 * of those that are reached between two looks. Looks once a minute while there is anything to look at.
 */
export function scheduleUsageAlerts({
  queue,
  readRecurrence,
  ...deps
}: Deps & {
  readonly queue: Pick<JobQueue, 'register' | 'recurring'>
  readonly readRecurrence: ReadRecurrence
}): void {
  const { records } = deps
  queue.register(jobName, async ({ signal }) => {
    for (const [organizationId, watched] of await watchedByOrganization(records)) {
      if (signal.aborted) break
      for (const progress of await deps.readProgress(organizationId, watched))
        await tell(deps, organizationId, progress)
    }
    return accept(undefined)
  })
  const read = readRecurrence(everyMinute)
  const schedules = read.ok
    ? [{ schedule: 'usage alerts', recurrence: read.value, name: jobName, payload: {} }]
    : []
  queue.recurring(async () => {
    const alerts = await records.list('budget_alert', { limit: 1 })
    const keys = await records.list('api_key', { where: cappedKeys, limit: 1 })
    const routes = await records.list('route_cap', { where: cappedRoutes, limit: 1 })
    return alerts.items.length + keys.items.length + routes.items.length === 0 ? [] : schedules
  })
}

async function watchedByOrganization(records: Records): Promise<ReadonlyMap<string, readonly WatchedUse[]>> {
  const found = new Map<string, WatchedUse[]>()
  const add = (organizationId: string, watched: WatchedUse): void => {
    const before = found.get(organizationId)
    if (before === undefined) found.set(organizationId, [watched])
    else before.push(watched)
  }
  for await (const alert of records.each('budget_alert')) add(alert.organization_id, alert)
  for await (const key of records.each('api_key', cappedKeys))
    if (key.organization_id !== null) {
      const currency = await currencyOf(records, key)
      add(key.organization_id, {
        id: key.id,
        api_key_id: key.id,
        route_id: null,
        measure: 'spend',
        currency,
        amount: key.spend_cap ?? 0,
      })
    }
  for await (const cap of watchedRouteCaps(records, cappedRoutes)) add(cap.organization_id, cap)
  return found
}

/** The cap of a key is in the currency of the plan that it is used under. */
async function currencyOf(records: Records, key: Rows['api_key']): Promise<string> {
  const where = [{ field: 'organization_id', op: 'eq', value: key.organization_id }] as const
  const subscription =
    key.subscription_id === null
      ? (await records.list('subscription', { where, limit: 1 })).items[0]
      : await records.get('subscription', key.subscription_id)
  const plan = subscription === undefined ? undefined : await records.get('plan', subscription.plan_id)
  return plan?.currency ?? 'USD'
}

async function tell(
  { records, sendMail }: Deps,
  organizationId: string,
  { watched, used, month }: AlertProgress,
): Promise<void> {
  const level = levels.find((percent) => used * 100 >= watched.amount * percent)
  const organization = level === undefined ? undefined : await records.get('organization', organizationId)
  if (level === undefined || organization === undefined) return
  const subject = await subjectOf(records, watched)
  for (const owner of await ownersOf(records, organizationId))
    await sendMail({
      template: 'budget_alert',
      to: owner.email,
      data: {
        organization: organization.name,
        subject,
        percent: String(level),
        used: amountText(used, watched),
        amount: amountText(watched.amount, watched),
        period: month.label,
      },
      dedupeKey: `budget_alert ${watched.id} ${watched.amount} ${month.label} ${level} ${owner.id}`,
    })
}

const amountText = (amount: number, { measure, currency }: WatchedUse): string =>
  measure === 'units'
    ? `${countText(amount)} units`
    : formatMoney({ amountMinor: BigInt(amount), currency: currency ?? 'USD' })

async function subjectOf(records: Records, { api_key_id, route_id }: WatchedUse): Promise<string> {
  const key = api_key_id === null ? undefined : await records.get('api_key', api_key_id)
  const route = route_id === null ? undefined : await records.get('route', route_id)
  const parts = [
    ...(key === undefined ? [] : [`the key ${key.name || key.prefix || key.id}`]),
    ...(route === undefined ? [] : [`the route ${route.name}`]),
  ]
  const words = parts.length === 0 ? 'the whole use' : parts.join(' on ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
