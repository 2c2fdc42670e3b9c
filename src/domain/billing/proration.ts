import type { Price } from '../pricing/price.ts'
import { partOf, secondsBetween } from './part-of.ts'

/** A stretch of a period whose fee is under way: from when the plan held in it, and the whole that its fee is a part of. */
export interface RunningStretch {
  readonly fromMs: number
  /** Where the period's fee is counted from, and where the period ends. */
  readonly wholeFromMs: number
  readonly endMs: number
  /** False in a trial: nothing was paid for it. */
  readonly isCharged: boolean
}

/** What a change of plans at a moment does to the period's fees, to the second. */
export interface Proration {
  /** What the old plan's unused time would have cost; never more than is charged for it. */
  readonly creditMinor: bigint
  /** What the new plan's time costs. */
  readonly chargeMinor: bigint
  readonly netMinor: bigint
  readonly unusedSeconds: number
  readonly periodSeconds: number
}

/** The proration of a change: exactly the difference that it makes to the fees of the period's invoice. */
export function prorate(from: Price, to: Price, stretch: RunningStretch, atMs: number): Proration {
  const { fromMs, wholeFromMs, endMs, isCharged } = stretch
  const periodSeconds = secondsBetween(wholeFromMs, endMs)
  const part = (amountMinor: bigint, startMs: number, stopMs: number): bigint =>
    partOf(amountMinor, secondsBetween(startMs, stopMs), periodSeconds)
  const used = atMs <= fromMs ? 0n : part(from.baseMinor, fromMs, atMs)
  const creditMinor = isCharged ? part(from.baseMinor, fromMs, endMs) - used : 0n
  const chargeMinor = isCharged ? part(to.baseMinor, atMs, endMs) : 0n
  return {
    creditMinor,
    chargeMinor,
    netMinor: chargeMinor - creditMinor,
    unusedSeconds: secondsBetween(atMs, endMs),
    periodSeconds,
  }
}
