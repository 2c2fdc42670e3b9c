import {
  balanceAt,
  type CreditAccount,
  committedMinor,
  type OpenPeriod,
  type OpenStretch,
  openPeriods,
  stretchAt,
  type UnitsOf,
  unitsPaidFor,
} from '#domain/billing/prepaid.ts'
import type { Month } from '#domain/period.ts'
import type { Snapshot, SubscriptionEntry } from '#ports/snapshot.ts'
import type { QuotaAccount, QuotaMonth } from './quota-account.ts'
import type { Caller } from './request-limits.ts'

/**
 * The use of a subscription that is paid in advance. What it costs is not counted but worked out from the units of every stretch that is not
 * invoiced, as the invoice will be, so that a new balance, a changed plan and the end of a worker need no correction.
 */
export interface PrepaidUse {
  /** The counter of the stretch that is under way: of the time since the period began or the plan changed. */
  at(nowMs: number): QuotaMonth
  /** The most units that the stretch may have used and hold; those that cost nothing at least. */
  ceiling(nowMs: number): number
  /** What is left, less what is used and held; minor units, below 0 where invoices will ask for more. */
  availableMinor(nowMs: number): bigint
  readonly currency: string
}

/** What holds for some time: until a period ends or credit expires. */
interface Frame {
  readonly fromMs: number
  readonly untilMs: number
  readonly periods: readonly OpenPeriod[]
  readonly stretch: OpenStretch | undefined
  readonly counter: QuotaMonth
  readonly counters: ReadonlyMap<OpenStretch, QuotaMonth>
  /** Of the other stretches that the same credit pays for. */
  readonly others: readonly QuotaMonth[]
}

type Counted = Pick<OpenStretch, 'subscriptionId' | 'fromMs' | 'toMs'>

/** How long the units of a stretch are kept after it: its invoice comes within hours. */
const keptMs = 60 * 24 * 60 * 60_000

/** What a stretch is counted under. */
export const stretchId = (subscriptionId: string): string => `credit|${subscriptionId}`

/** A stretch as the counters know time. */
export const stretchTime = ({ fromMs, toMs }: Omit<Counted, 'subscriptionId'>): Month => ({
  start: fromMs,
  end: toMs + keptMs,
  label: String(fromMs),
})

/** The account that use in a currency is paid from; null where none of the organization's plans is prepaid. */
export const creditOf = (
  { organizations }: Snapshot,
  { organizationId }: SubscriptionEntry,
  currency: string | undefined,
): CreditAccount | null =>
  currency === undefined ? null : (organizations.get(organizationId)?.credit?.get(currency) ?? null)

/** How a caller uses an account; null where there is none. The use of a plan that is not prepaid is counted and never refused. */
export function prepaidUse(
  { subscription, plan, credit }: Pick<Caller, 'subscription' | 'plan' | 'credit'>,
  counters: QuotaAccount,
): PrepaidUse | null {
  if (credit === null) return null
  let known: Frame | undefined
  let remembered: { readonly taken: readonly number[]; readonly units: number } | undefined

  function frameAt(nowMs: number): Frame {
    if (known !== undefined && known.fromMs <= nowMs && nowMs < known.untilMs) return known
    known = openFrame(credit as CreditAccount, subscription.id, counters, nowMs)
    remembered = undefined
    return known
  }

  const unitsIn =
    (frame: Frame): UnitsOf =>
    (stretch) =>
      counters.taken(frame.counters.get(stretch) ?? counterOf(counters, stretch))

  return {
    currency: credit.currency,
    at: (nowMs) => frameAt(nowMs).counter,
    ceiling(nowMs) {
      const frame = frameAt(nowMs)
      const { stretch, others, periods } = frame
      if (!plan.isPrepaid || stretch === undefined) return Infinity
      if (remembered?.taken.every((units, index) => units === counters.taken(others[index] as QuotaMonth)))
        return remembered.units
      const taken = others.map((other) => counters.taken(other))
      remembered = { taken, units: unitsPaidFor(credit, periods, stretch, unitsIn(frame), nowMs) }
      return remembered.units
    },
    availableMinor(nowMs) {
      const frame = frameAt(nowMs)
      return balanceAt(credit, nowMs) - committedMinor(credit, frame.periods, unitsIn(frame))
    },
  }
}

const counterOf = (counters: QuotaAccount, stretch: Counted): QuotaMonth =>
  counters.monthOf(stretchId(stretch.subscriptionId), stretchTime(stretch))

function openFrame(
  account: CreditAccount,
  subscriptionId: string,
  counters: QuotaAccount,
  nowMs: number,
): Frame {
  const periods = openPeriods(account, nowMs)
  const known = new Map<OpenStretch, QuotaMonth>()
  for (const { stretches } of periods)
    for (const stretch of stretches) known.set(stretch, counterOf(counters, stretch))
  const stretch = stretchAt(periods, subscriptionId, nowMs)
  const expiries = account.grants.map(({ expiresAtMs }) => expiresAtMs ?? Infinity)
  const ends = [...periods.map(({ endMs }) => endMs), ...expiries]
  return {
    fromMs: nowMs,
    untilMs: Math.min(...ends.filter((endMs) => endMs > nowMs)),
    periods,
    stretch,
    counter: counterOf(counters, stretch ?? { subscriptionId, fromMs: 0, toMs: nowMs }),
    counters: known,
    others: [...known].flatMap(([other, counter]) => (other === stretch ? [] : [counter])),
  }
}
