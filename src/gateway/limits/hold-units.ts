import { uncounted } from '../policies/policy.ts'
import type { QuotaAccount, QuotaMonth } from './quota-account.ts'
import type { Quota } from './request-limits.ts'

/** Units that are held of a month, and what they cost of a key's cap; a slot of -1 holds nothing. */
export interface HeldUnits {
  readonly account: QuotaAccount
  readonly counter: QuotaMonth
  readonly slot: number
  readonly units: number
  readonly spent: {
    readonly counter: QuotaMonth
    readonly slot: number
    readonly unitMicros: number
  } | null
}

/** What kept units from being held; `table` when they cannot be counted and must be. */
export type UnitsRefused = 'quota' | 'organization' | 'key' | 'table'

const { POSITIVE_INFINITY: endless } = Number

/** What would keep so many units from being held, by what is counted now; undefined for nothing. */
export function whatRefuses(
  account: QuotaAccount,
  quota: Quota,
  units: number,
  nowMs: number,
): UnitsRefused | undefined {
  const { ceiling, spend } = quota
  if (spend === null && ceiling === endless) return undefined
  const used = quota.used(nowMs)
  if (used + units > ceiling) return 'quota'
  if (spend === null) return undefined
  if (spend.organization !== null && used + units > spend.organization.ceiling(nowMs)) return 'organization'
  const { ceilingMicros, unitMicros, at } = spend.key
  return ceilingMicros !== endless && account.taken(at(nowMs)) + units * unitMicros > ceilingMicros
    ? 'key'
    : undefined
}

/** Holds units of a quota and of the caps on what they cost, or of none of them. */
export function holdAll(
  account: QuotaAccount,
  quota: Quota,
  units: number,
  nowMs: number,
): HeldUnits | UnitsRefused {
  const { spend } = quota
  const counter = quota.at(nowMs)
  const cap = spend === null || spend.organization === null ? null : spend.organization
  const ceiling = cap === null ? quota.ceiling : Math.min(quota.ceiling, cap.ceiling(nowMs))
  const slot = account.hold(counter, units, ceiling, nowMs)
  if (slot < 0) {
    if (slot !== uncounted) return ceiling === quota.ceiling ? 'quota' : 'organization'
    return ceiling === endless ? { account, counter, slot: -1, units, spent: null } : 'table'
  }
  const held = { account, counter, slot, units, spent: null }
  if (spend === null) return held
  if (cap?.isPassed(nowMs, units) === true) return giveBack(held, 'organization')
  const { key } = spend
  const month = key.at(nowMs)
  const spentSlot = account.hold(month, units * key.unitMicros, key.ceilingMicros, nowMs)
  if (spentSlot >= 0)
    return { ...held, spent: { counter: month, slot: spentSlot, unitMicros: key.unitMicros } }
  if (spentSlot !== uncounted) return giveBack(held, 'key')
  return key.ceilingMicros === endless ? held : giveBack(held, 'table')
}

function giveBack({ account, counter, slot, units }: HeldUnits, why: UnitsRefused): UnitsRefused {
  account.settle(counter, slot, units, 0)
  return why
}

/** Turns what is held into what was used. */
export function settleUnits(held: HeldUnits, holding: number, used: number): void {
  const { account, counter, slot, spent } = held
  if (slot >= 0) account.settle(counter, slot, holding, used)
  if (spent !== null)
    account.settle(spent.counter, spent.slot, holding * spent.unitMicros, used * spent.unitMicros)
}
