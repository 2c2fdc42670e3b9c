import { setTimeout } from 'node:timers/promises'
import { type CreditAccounts, readCreditAccounts } from '#app/billing/credit-account.ts'
import type { DomainEvent } from '#contract/events.ts'
import { type OpenStretch, openPeriods } from '#domain/billing/prepaid.ts'
import { stretchId, stretchTime } from '#gateway/limits/prepaid-credit.ts'
import type { QuotaAccount } from '#gateway/limits/quota-account.ts'
import type { Clock } from '#ports/clock.ts'
import type { Log } from '#ports/log.ts'
import type { Records } from '#ports/records.ts'
import type { UsageStore } from '#ports/usage-store.ts'

interface Deps {
  readonly usage: Pick<UsageStore, 'unitsOf'>
  readonly records: Records
  readonly clock: Clock
  readonly log: Pick<Log, 'error'>
  /** Moves what is in the journal into the usage table. */
  readonly drainUsage: () => Promise<unknown>
}

/** A customer whose use is counted as it comes. */
interface Counting {
  readonly sinceMs: number
  readonly accounts: CreditAccounts
}

type Follow = (events: readonly DomainEvent[]) => Promise<void>

const patienceMs = 2_000

/**
 * Counts what every customer with a prepaid plan has used and was not invoiced for, before anybody calls; and answers what does the same for
 * those who become one when changes are followed. From then on requests are counted as they come; those that had begun before come from
 * stored usage, and only of these what is under way at that moment is not known.
 */
export async function openPrepaidCounts(
  deps: Deps,
  account: QuotaAccount,
): Promise<(follow: Follow) => Follow> {
  const { records, clock, log } = deps
  const counting = new Map<string, Counting>()
  const counted = new Set<string>()

  async function begin(organizationId: string, sinceMs: number): Promise<void> {
    const accounts = await readCreditAccounts(records, organizationId)
    const before = counting.get(organizationId)
    if (accounts === null) {
      if (before !== undefined)
        for (const stretch of stretchesOf(before, clock.now())) counted.add(nameOf(stretch))
      counting.delete(organizationId)
      return
    }
    counting.set(organizationId, { sinceMs: before?.sinceMs ?? sinceMs, accounts })
    if (before !== undefined) return
    await deps.drainUsage()
    for (const stretch of stretchesOf({ accounts }, sinceMs)) {
      // A customer may leave prepaid plans and come back.
      if (counted.has(nameOf(stretch))) continue
      const toMs = Math.min(stretch.toMs, sinceMs + 1)
      const units = await deps.usage.unitsOf(stretch.subscriptionId, stretch.fromMs, toMs)
      account.fill(stretchId(stretch.subscriptionId), stretchTime(stretch), units)
    }
  }

  const openedMs = clock.now()
  const isPrepaid = await prepaidVersions(records)
  for (const id of await ownersOf(records, isPrepaid)) await begin(id, openedMs)

  /** Whose credit there may be more, or less, of to count. */
  async function touchedBy(events: readonly DomainEvent[]): Promise<ReadonlySet<string>> {
    const touched = new Set<string>()
    for (const { module, organization_id: id, data } of events)
      if (module === 'subscription' && id !== null)
        if (counting.has(id) || (await isPrepaid(data['price_version_id']))) touched.add(id)
    return touched
  }

  return (follow) => async (events) => {
    const sinceMs = clock.now()
    await follow(events)
    const touched = await touchedBy(events)
    if (touched.size === 0) return
    const beginning = Promise.all([...touched].map((id) => begin(id, sinceMs))).catch((error: unknown) =>
      log.error({ error }, 'what was used before a plan became prepaid could not be counted'),
    )
    // Nobody waits for a usage writer that is stuck.
    await Promise.race([beginning, setTimeout(patienceMs, undefined, { ref: false })])
  }
}

type IsPrepaid = (versionId: unknown) => Promise<boolean>

/** Whether a price version was sold as prepaid; versions never change, so each is read once. */
async function prepaidVersions(records: Records): Promise<IsPrepaid & { readonly areThere: boolean }> {
  const known = new Map<unknown, boolean>()
  for await (const { id } of records.each('price_version', [
    { field: 'payment', op: 'eq', value: 'prepaid' },
  ]))
    known.set(id, true)
  const areThere = known.size > 0
  const isPrepaid: IsPrepaid = async (id) => {
    if (typeof id !== 'string') return false
    const found = known.get(id) ?? (await records.get('price_version', id))?.payment === 'prepaid'
    known.set(id, found)
    return found
  }
  return Object.assign(isPrepaid, { areThere })
}

async function ownersOf(
  records: Records,
  isPrepaid: Awaited<ReturnType<typeof prepaidVersions>>,
): Promise<ReadonlySet<string>> {
  const owners = new Set<string>()
  if (!isPrepaid.areThere) return owners
  for await (const { organization_id: id, price_version_id: version } of records.each('subscription'))
    if (await isPrepaid(version)) owners.add(id)
  return owners
}

const stretchesOf = ({ accounts }: Pick<Counting, 'accounts'>, nowMs: number): readonly OpenStretch[] =>
  [...accounts.values()].flatMap((account) =>
    openPeriods(account, nowMs).flatMap(({ stretches }) => stretches.filter(({ fromMs }) => fromMs <= nowMs)),
  )

const nameOf = ({ subscriptionId, fromMs }: OpenStretch): string => `${subscriptionId}|${fromMs}`
