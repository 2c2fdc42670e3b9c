import { type HeldUnits, holdAll, settleUnits } from './hold-units.ts'
import type { QuotaAccount } from './quota-account.ts'
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
  private readonly held: HeldUnits | null
  private isSettled = false
  private areUnitsSettled = false

  constructor(limits: RequestLimits | null, places: readonly HeldPlace[], held: HeldUnits | null) {
    this.limits = limits
    this.places = places
    this.held = held
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
    if (this.held !== null) settleUnits(this.held, this.held.units, used)
  }

  /** Takes used units back whose event could not be written. */
  giveBack(used: number): void {
    if (this.held !== null) settleUnits(this.held, 0, -used)
  }
}

/** Holds units and nothing else; null when they are not there, or cannot be counted. */
export function holdUnits(
  account: QuotaAccount,
  limits: RequestLimits,
  units: number,
  nowMs: number,
): Holds | null {
  if (limits.quota === null) return noHolds
  const held = holdAll(account, limits.quota, units, nowMs)
  return typeof held === 'string' ? null : new Holds(limits, [], held)
}

/** What a request holds that no limit is on. */
export const noHolds = new Holds(null, [], null)
