import { uncounted } from '../policies/policy.ts'
import type { PrepaidUse } from './prepaid-credit.ts'
import type { QuotaAccount, QuotaMonth } from './quota-account.ts'
import type { Quota } from './request-limits.ts'
import type { PartSpend } from './spend-cap.ts'

/** What held units cost of the cap of a key or of a route, or what they are of a prepaid stretch. */
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
  readonly ofCredit: HeldSpend | null
}

/** What kept units from being held; `table` when they cannot be counted and must be. */
export type UnitsRefused = 'quota' | 'organization' | 'key' | 'route' | 'credit' | 'table'

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
  if (spend.route !== null && isSpent(account, spend.route, units, nowMs)) return 'route'
  return spend.prepaid !== null && isUsedUp(account, spend.prepaid, units, nowMs) ? 'credit' : undefined
}

const isSpent = (
  account: QuotaAccount,
  { ceilingMicros, unitMicros, at }: PartSpend,
  units: number,
  nowMs: number,
): boolean => ceilingMicros !== endless && account.taken(at(nowMs)) + units * unitMicros > ceilingMicros

const isUsedUp = (
  account: QuotaAccount,
  { at, ceiling }: PrepaidUse,
  units: number,
  nowMs: number,
): boolean => units > 0 && account.taken(at(nowMs)) + units > ceiling(nowMs)

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
    return ceiling === endless ? { ...nothingMore, account, counter, slot: -1, units } : 'table'
  }
  const held = { ...nothingMore, account, counter, slot, units }
  if (spend === null) return held
  if (cap?.isPassed(nowMs, units) === true) return giveBack(held, 'organization')
  const ofKey = holdSpend(account, spend.key, units, nowMs)
  if (typeof ofKey === 'string') return giveBack(held, ofKey === 'table' ? 'table' : 'key')
  const ofRoute = spend.route === null ? null : holdSpend(account, spend.route, units, nowMs)
  if (typeof ofRoute === 'string')
    return giveBack({ ...held, ofKey }, ofRoute === 'table' ? 'table' : 'route')
  const ofCredit = spend.prepaid === null ? null : holdCredit(account, spend.prepaid, units, nowMs)
  if (typeof ofCredit === 'string') return giveBack({ ...held, ofKey, ofRoute }, ofCredit)
  return { account, counter, slot, units, ofKey, ofRoute, ofCredit }
}

const nothingMore = { ofKey: null, ofRoute: null, ofCredit: null } as const

/** Holds units of a stretch that is paid in advance. */
function holdCredit(
  account: QuotaAccount,
  { at, ceiling }: PrepaidUse,
  units: number,
  nowMs: number,
): HeldSpend | null | 'credit' | 'table' {
  const counter = at(nowMs)
  // What costs nothing is served, and counted if it comes to more.
  const most = units === 0 ? endless : ceiling(nowMs)
  const slot = account.hold(counter, units, most, nowMs)
  if (slot < 0) return slot !== uncounted ? 'credit' : most === endless ? null : 'table'
  const held = { counter, slot, unitMicros: 1 }
  // Two stretches may have taken the same money in the same moment.
  if (units === 0 || account.taken(counter) <= ceiling(nowMs)) return held
  settleSpend(account, held, units, 0)
  return 'credit'
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
  const { account, counter, slot, ofKey, ofRoute, ofCredit } = held
  if (slot >= 0) account.settle(counter, slot, holding, used)
  if (ofKey !== null) settleSpend(account, ofKey, holding, used)
  if (ofRoute !== null) settleSpend(account, ofRoute, holding, used)
  if (ofCredit !== null) settleSpend(account, ofCredit, holding, used)
}

function settleSpend(
  account: QuotaAccount,
  { counter, slot, unitMicros }: HeldSpend,
  holding: number,
  used: number,
): void {
  account.settle(counter, slot, holding * unitMicros, used * unitMicros)
}
