import type { Month } from '#domain/period.ts'
import type { CurrentMonth } from '../current-month.ts'
import { refused, uncounted } from '../policies/policy.ts'
import type { LimitTable } from './limit-table.ts'
import type { ScopeKey } from './scope-key.ts'

/** A subscription's counter of one calendar month. */
export interface QuotaMonth {
  readonly key: ScopeKey
  readonly month: Month
}

/** The quota counters of a table. A counter is one number: what was used, and what requests under way may still use. */
export interface QuotaAccount {
  /** The counter of a subscription in a month. */
  monthOf(subscriptionId: string, month: Month): QuotaMonth
  /** Remembers the counter of the month that a moment is in. */
  counterOf(subscriptionId: string, currentMonth: CurrentMonth): (nowMs: number) => QuotaMonth
  /** Units used and held. */
  taken(month: QuotaMonth): number
  /** Holds units where they do not pass the ceiling, in one step: the slot they are held in, or `refused` or `uncounted`. */
  hold(month: QuotaMonth, units: number, ceiling: number, nowMs: number): number
  /** Turns what a slot holds into what was used. A month that is long over no longer counts. */
  settle(month: QuotaMonth, slot: number, held: number, used: number): void
  /** Counts units that were used before this table was made. */
  fill(subscriptionId: string, month: Month, units: number): void
}

/** Opens the quota counters. */
export function quotaAccount(table: LimitTable): QuotaAccount {
  const { months, taken, held } = table.quotas

  const monthOf = (subscriptionId: string, month: Month): QuotaMonth => ({
    key: table.key(`quota|${subscriptionId}|${month.label}`),
    month,
  })

  function hold({ key, month }: QuotaMonth, units: number, ceiling: number, nowMs: number): number {
    for (;;) {
      const slot = months.findOrMake(key, table.timeOf(nowMs), table.timeOf(month.end))
      if (slot < 0) return uncounted
      const before = Atomics.load(taken, slot)
      if (Number(before) + units > ceiling) return refused
      const after = before + BigInt(units)
      if (Atomics.compareExchange(taken, slot, before, after) !== before) continue
      held.add(slot, units)
      return slot
    }
  }

  return {
    monthOf,
    counterOf(subscriptionId, currentMonth) {
      let counter: QuotaMonth | undefined
      return (nowMs) => {
        const month = currentMonth(nowMs)
        if (counter?.month.start !== month.start) counter = monthOf(subscriptionId, month)
        return counter
      }
    },
    hold,
    taken({ key }) {
      const slot = months.find(key)
      return slot < 0 ? 0 : Number(Atomics.load(taken, slot))
    },
    settle({ key }, slot, heldUnits, used) {
      if (heldUnits !== 0) held.add(slot, -heldUnits)
      if (used !== heldUnits && months.find(key) === slot) Atomics.add(taken, slot, BigInt(used - heldUnits))
    },
    fill(subscriptionId, month, units) {
      const counter = monthOf(subscriptionId, month)
      const slot = hold(counter, units, Number.POSITIVE_INFINITY, month.start)
      if (slot >= 0) held.add(slot, -units)
    },
  }
}
