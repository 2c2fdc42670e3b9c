/** Who may do a work that one at a time should do, over all processes; a holder that dies loses it when its time is over. */
export interface Leases {
  /** Takes a lease that is free or over, or keeps the own one; false while somebody else has it. */
  take(name: string, holder: string, nowMs: number, untilMs: number): Promise<boolean>
  /** Gives an own lease back. */
  release(name: string, holder: string): Promise<void>
}
