import { uncounted } from '../policies/policy.ts'
import type { QuotaAccount, QuotaMonth } from './quota-account.ts'
import type { RequestLimits } from './request-limits.ts'

/** A place under a concurrency limit. */
export interface HeldPlace {
  readonly leave: (slot: number) => void
  readonly slot: number
}

/** What an admitted request holds until it is settled, and the limits that its answer tells of. */
export class Holds {
  readonly limits: RequestLimits | null
  private readonly places: readonly HeldPlace[]
  private readonly account: QuotaAccount | null
  private readonly month: QuotaMonth | null
  private readonly slot: number
  private readonly units: number
  private isSettled = false
  private areUnitsSettled = false

  constructor(
    limits: RequestLimits | null,
    places: readonly HeldPlace[],
    quota: {
      readonly account: QuotaAccount
      readonly counter: QuotaMonth
      readonly slot: number
      readonly units: number
    } | null,
  ) {
    this.limits = limits
    this.places = places
    this.account = quota === null ? null : quota.account
    this.month = quota === null ? null : quota.counter
    this.slot = quota === null ? -1 : quota.slot
    this.units = quota === null ? 0 : quota.units
  }

  /** Gives places back and turns the held units into what was used; the first call counts. */
  settle(used: number): void {
    if (this.isSettled) return
    this.isSettled = true
    for (const { leave, slot } of this.places) leave(slot)
    this.settleUnits(used)
  }

  /** Turns the held units into what was used, and keeps the places: for what goes on when it is counted. The first call counts. */
  settleUnits(used: number): void {
    if (this.areUnitsSettled) return
    this.areUnitsSettled = true
    if (this.account !== null && this.month !== null)
      this.account.settle(this.month, this.slot, this.units, used)
  }

  /** Takes used units back whose event could not be written. */
  giveBack(used: number): void {
    if (this.account !== null && this.month !== null) this.account.settle(this.month, this.slot, 0, -used)
  }
}

/** Holds units of a quota and nothing else; null when they are not there, or cannot be counted. */
export function holdUnits(
  account: QuotaAccount,
  limits: RequestLimits,
  units: number,
  nowMs: number,
): Holds | null {
  const { quota } = limits
  if (quota === null) return noHolds
  const counter = quota.at(nowMs)
  const slot = account.hold(counter, units, quota.ceiling, nowMs)
  if (slot >= 0) return new Holds(limits, [], { account, counter, slot, units })
  return slot === uncounted && quota.ceiling === Number.POSITIVE_INFINITY ? noHolds : null
}

/** What a request holds that no limit is on. */
export const noHolds = new Holds(null, [], null)
