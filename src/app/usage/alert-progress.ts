import type { Rows } from '#contract/rows.gen.ts'
import { minorOf, type SpendTerms } from '#domain/limit/spend.ts'
import { type Month, monthOf } from '#domain/period.ts'
import type { Clock } from '#ports/clock.ts'
import type { Records } from '#ports/records.ts'
import type { UsageStore } from '#ports/usage-store.ts'
import { termsOf } from '../account/spending.ts'

/** What to look at: an alert of a module, or the cap of a key or a route. */
export type WatchedUse = Pick<
  Rows['budget_alert'],
  'id' | 'api_key_id' | 'route_id' | 'measure' | 'currency' | 'amount'
>

/** How far use has come. */
export interface AlertProgress<Watched extends WatchedUse = WatchedUse> {
  readonly watched: Watched
  /** Units, or minor units rounded up. */
  readonly used: number
  readonly month: Month
}

/** Reads how far use has come in the month that is running, for alerts of one organization. */
export type ReadAlertProgress = <Watched extends WatchedUse>(
  organizationId: string,
  watched: readonly Watched[],
) => Promise<readonly AlertProgress<Watched>[]>

interface Use {
  readonly subscriptionId: string
  /** The first one of the keys that replaced each other. */
  readonly keyId: string
  readonly routeId: string
  readonly units: number
}

const mostReplacements = 50

/** Creates the reading. It follows the gateway within the second that usage takes to be stored. */
export function createReadAlertProgress(deps: {
  readonly records: Records
  readonly usageStore: Pick<UsageStore, 'totals'>
  readonly clock: Clock
}): ReadAlertProgress {
  const { records } = deps

  async function usesOf(organizationId: string, month: Month, firstKey: FirstKey): Promise<readonly Use[]> {
    const totals = await deps.usageStore.totals({
      fromMs: month.start,
      toMs: month.end,
      granularity: 'day',
      groupBy: ['subscription_id', 'api_key_id', 'route_id'],
      organizationId,
    })
    const uses: Use[] = []
    for (const { subscription_id = '', api_key_id = '', route_id = '', units } of totals)
      uses.push({
        subscriptionId: subscription_id,
        keyId: await firstKey(api_key_id),
        routeId: route_id,
        units,
      })
    return uses
  }

  return async (organizationId, watched) => {
    const month = monthOf(deps.clock.now())
    const firstKey = createFirstKey(records)
    const uses = await usesOf(organizationId, month, firstKey)
    const terms = new Map<string, SpendTerms | null>()
    for (const { subscriptionId } of uses)
      if (!terms.has(subscriptionId)) terms.set(subscriptionId, await termsOf(records, subscriptionId))
    const progress: AlertProgress<(typeof watched)[number]>[] = []
    for (const one of watched) {
      const keyId = one.api_key_id === null ? undefined : await firstKey(one.api_key_id)
      const matching = uses.filter(
        (use) =>
          (keyId === undefined || use.keyId === keyId) &&
          (one.route_id === null || use.routeId === one.route_id),
      )
      const used =
        one.measure === 'units'
          ? matching.reduce((sum, { units }) => sum + units, 0)
          : spentOf(matching, terms, one)
      progress.push({ watched: one, used, month })
    }
    return progress
  }
}

/** Of the whole organization as it is billed; of a part of it every unit at the unit price, as caps of keys count. */
function spentOf(
  uses: readonly Use[],
  terms: ReadonlyMap<string, SpendTerms | null>,
  { currency, api_key_id, route_id }: WatchedUse,
): number {
  const isPart = api_key_id !== null || route_id !== null
  const units = new Map<string, number>()
  for (const use of uses) units.set(use.subscriptionId, (units.get(use.subscriptionId) ?? 0) + use.units)
  let micros = 0
  for (const [subscriptionId, count] of units) {
    const known = terms.get(subscriptionId)
    if (known?.currency !== currency) continue
    micros += isPart ? count * known.dearestMicros : known.costMicros(count)
  }
  return minorOf(micros, currency ?? 'USD')
}

type FirstKey = (id: string) => Promise<string>

/** Follows a key to the one that it replaces, and so on; each chain is walked once. */
function createFirstKey(records: Records): FirstKey {
  const known = new Map<string, string>()
  return async (id) => {
    const before = known.get(id)
    if (before !== undefined) return before
    let first = id
    for (let steps = 0; steps < mostReplacements; steps += 1) {
      const key = first === '' ? undefined : await records.get('api_key', first)
      if (key === undefined || key.replaces_id === null) break
      first = key.replaces_id
    }
    known.set(id, first)
    return first
  }
}
