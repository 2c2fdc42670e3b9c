import { uncounted } from '../policies/policy.ts'
import type { QuotaAccount, QuotaMonth } from './quota-account.ts'
import type { Quota } from './request-limits.ts'
import type { PartSpend } from './spend-cap.ts'

/** What held units cost of the cap of a key or of a route. */
interface HeldSpend {
  readonly counter: QuotaMonth
  readonly slot: number
  readonly unitMicros: number
}

/** Units that are held of a month, and what they cost of caps; a slot of -1 holds nothing. */
export interface HeldUnits {
  readonly account: QuotaAccount
  readonly counter: QuotaMonth
  readonly slot: number
  readonly units: number
  readonly ofKey: HeldSpend | null
  readonly ofRoute: HeldSpend | null
}

/** What kept units from being held; `table` when they cannot be counted and must be. */
export type UnitsRefused = 'quota' | 'organization' | 'key' | 'route' | 'table'

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
  if (isSpent(account, spend.key, units, nowMs)) return 'key'
  return spend.route !== null && isSpent(account, spend.route, units, nowMs) ? 'route' : undefined
}

const isSpent = (
  account: QuotaAccount,
  { ceilingMicros, unitMicros, at }: PartSpend,
  units: number,
  nowMs: number,
): boolean => ceilingMicros !== endless && account.taken(at(nowMs)) + units * unitMicros > ceilingMicros

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
    return ceiling === endless ? { account, counter, slot: -1, units, ofKey: null, ofRoute: null } : 'table'
  }
  const held = { account, counter, slot, units, ofKey: null, ofRoute: null }
  if (spend === null) return held
  if (cap?.isPassed(nowMs, units) === true) return giveBack(held, 'organization')
  const ofKey = holdSpend(account, spend.key, units, nowMs)
  if (typeof ofKey === 'string') return giveBack(held, ofKey === 'table' ? 'table' : 'key')
  if (spend.route === null) return { account, counter, slot, units, ofKey, ofRoute: null }
  const ofRoute = holdSpend(account, spend.route, units, nowMs)
  if (typeof ofRoute !== 'string') return { account, counter, slot, units, ofKey, ofRoute }
  return giveBack({ ...held, ofKey }, ofRoute === 'table' ? 'table' : 'route')
}

/** Holds what units cost of a cap; null where there is no room to count for a cap that may come. */
function holdSpend(
  account: QuotaAccount,
  { at, ceilingMicros, unitMicros }: PartSpend,
  units: number,
  nowMs: number,
): HeldSpend | null | 'spent' | 'table' {
  const counter = at(nowMs)
  const slot = account.hold(counter, units * unitMicros, ceilingMicros, nowMs)
  if (slot >= 0) return { counter, slot, unitMicros }
  if (slot !== uncounted) return 'spent'
  return ceilingMicros === endless ? null : 'table'
}

function giveBack(held: HeldUnits, why: UnitsRefused): UnitsRefused {
  settleUnits(held, held.units, 0)
  return why
}

/** Turns what is held into what was used. */
export function settleUnits(held: HeldUnits, holding: number, used: number): void {
  const { account, counter, slot, ofKey, ofRoute } = held
  if (slot >= 0) account.settle(counter, slot, holding, used)
  if (ofKey !== null) settleSpend(account, ofKey, holding, used)
  if (ofRoute !== null) settleSpend(account, ofRoute, holding, used)
}

function settleSpend(
  account: QuotaAccount,
  { counter, slot, unitMicros }: HeldSpend,
  holding: number,
  used: number,
): void {
  account.settle(counter, slot, holding * unitMicros, used * unitMicros)
}
