import { setTimeout } from 'node:timers/promises'
import { termsOf } from '#app/account/spending.ts'
import type { DomainEvent } from '#contract/events.ts'
import type { Rows } from '#contract/rows.gen.ts'
import { type Month, monthOf } from '#domain/period.ts'
import type { QuotaAccount } from '#gateway/limits/quota-account.ts'
import { routeSpendId } from '#gateway/limits/spend-cap.ts'
import type { Clock } from '#ports/clock.ts'
import type { Log } from '#ports/log.ts'
import type { Records } from '#ports/records.ts'
import type { UsageStore } from '#ports/usage-store.ts'

interface Deps {
  readonly usage: Pick<UsageStore, 'totals' | 'events'>
  readonly records: Records
  readonly clock: Clock
  readonly log: Pick<Log, 'error'>
  /** Moves what is in the journal into the usage table. */
  readonly drainUsage: () => Promise<unknown>
}

type Cap = Pick<Rows['route_cap'], 'id' | 'organization_id' | 'route_id'>
type UnitsBySubscription = ReadonlyMap<string, number>
type UsedOnRoutes = ReadonlyMap<string, UnitsBySubscription>
type Follow = (events: readonly DomainEvent[]) => Promise<void>

const eventsAtOnce = 1_000
const patienceMs = 2_000

/**
 * Counts what the use of every capped route has cost this month, before anybody calls; and answers what does the same for each new cap when
 * changes are followed. Requests are counted under a new cap from the moment that `follow` is done; those that had begun before come from
 * stored usage, and only of these what is under way at that moment is not known.
 */
export async function openRouteCaps(deps: Deps, account: QuotaAccount): Promise<(follow: Follow) => Follow> {
  const { records, clock, log } = deps
  // A change may be told twice.
  const counted = new Set<string>()

  async function count({ id }: Cap, month: Month, units: UnitsBySubscription): Promise<void> {
    if (counted.has(id)) return
    counted.add(id)
    for (const [subscriptionId, used] of units) {
      const terms = used > 0 ? await termsOf(records, subscriptionId) : null
      if (terms === null) continue
      account.fill(routeSpendId(id, terms.currency), month, used * terms.dearestMicros)
    }
  }

  async function countNew(ids: readonly string[], untilMs: number): Promise<void> {
    await deps.drainUsage()
    const month = monthOf(untilMs)
    for (const id of ids) {
      const cap = await records.get('route_cap', id)
      if (cap !== undefined) await count(cap, month, await usedBefore(deps.usage, month, cap, untilMs))
    }
  }

  const month = monthOf(clock.now())
  let used: UsedOnRoutes | undefined
  for await (const cap of records.each('route_cap')) {
    used ??= await usedOnRoutes(deps.usage, month)
    await count(cap, month, used.get(`${cap.organization_id}|${cap.route_id}`) ?? new Map())
  }

  return (follow) => async (events) => {
    const sinceMs = clock.now()
    await follow(events)
    const made = events.flatMap(({ type, record_id: id }) => (type === 'route_cap.created' ? [id] : []))
    if (made.length === 0) return
    const counting = countNew(made, sinceMs).catch((error: unknown) =>
      log.error({ error, caps: made }, 'what was used before a cap on a route could not be counted'),
    )
    // Nobody waits for a usage writer that is stuck.
    await Promise.race([counting, setTimeout(patienceMs, undefined, { ref: false })])
  }
}

/** The units of a month, by organization and route. */
async function usedOnRoutes(
  usage: Deps['usage'],
  { start: fromMs, end: toMs }: Month,
  organizationId?: string,
): Promise<UsedOnRoutes> {
  const totals = await usage.totals({
    fromMs,
    toMs,
    granularity: 'day',
    groupBy: ['organization_id', 'route_id', 'subscription_id'],
    ...(organizationId === undefined ? {} : { organizationId }),
  })
  const used = new Map<string, Map<string, number>>()
  for (const { organization_id, route_id, subscription_id = '', units } of totals) {
    const place = `${organization_id}|${route_id}`
    const known = used.get(place)
    if (known === undefined) used.set(place, new Map([[subscription_id, units]]))
    else known.set(subscription_id, (known.get(subscription_id) ?? 0) + units)
  }
  return used
}

/** Of one cap, without what began after a moment. */
async function usedBefore(
  usage: Deps['usage'],
  month: Month,
  { organization_id: organizationId, route_id: routeId }: Cap,
  untilMs: number,
): Promise<UnitsBySubscription> {
  const all = await usedOnRoutes(usage, month, organizationId)
  const units = new Map(all.get(`${organizationId}|${routeId}`))
  const later = { fromMs: untilMs + 1, toMs: month.end, limit: eventsAtOnce, organizationId }
  for (let page = await usage.events(later); ; ) {
    for (const event of page)
      if (event.route_id === routeId)
        units.set(event.subscription_id, (units.get(event.subscription_id) ?? 0) - event.units)
    const after = page.at(-1)
    if (page.length < eventsAtOnce || after === undefined) return units
    page = await usage.events({ ...later, after })
  }
}
