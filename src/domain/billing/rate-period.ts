import { type ChargeLine, sumOf } from '../pricing/charge-line.ts'
import { baseLines, minimumLines, type Price, rateUse } from '../pricing/price.ts'
import type { BillingPeriod } from './billing-period.ts'
import { partOf, secondsBetween } from './part-of.ts'
import type { Segment } from './timeline.ts'

/** A segment with its price and what was used in it. */
export interface UsedSegment extends Segment {
  readonly price: Price
  readonly planName: string
  readonly units: number
}

/** A line of a period, with the stretch of time and the price it comes from. */
export interface PeriodLine extends ChargeLine {
  readonly fromMs: number
  readonly toMs: number
  readonly planId: string
  readonly priceVersionId: string | null
}

/** From when a period's fee is counted: a fee is for the whole period that a subscription is there for. */
export interface BilledSpan extends BillingPeriod {
  /** True counts the fee from the period's start also where the subscription began later. */
  readonly proratesStart: boolean
  /** Where the whole is counted from that a fee is a part of, where that is not the beginning of either. */
  readonly feeFromMs?: number | undefined
}

/**
 * What a period costs. Fees and minimums are taken in parts to the second. Units are counted over the whole period, so that what is
 * included is there once however often the plan changes; use that is not charged (a trial, a pause) does not count.
 */
export function ratePeriod(span: BilledSpan, segments: readonly UsedSegment[]): readonly PeriodLine[] {
  const first = segments[0]
  if (first === undefined) return []
  const startMs = span.feeFromMs ?? (span.proratesStart ? span.startMs : first.fromMs)
  const wholeSeconds = secondsBetween(startMs, span.endMs)
  let from = 0
  return segments.flatMap((segment) => {
    if (!segment.isCharged) return []
    const range = { from, to: from + segment.units }
    from = range.to
    const { price, fromMs, toMs, planId, priceVersionId } = segment
    const seconds = secondsBetween(fromMs, toMs)
    const part = (amountMinor: bigint): bigint => partOf(amountMinor, seconds, wholeSeconds)
    const isWhole = seconds >= wholeSeconds
    const description = isWhole
      ? `${segment.planName}: base fee`
      : `${segment.planName}: part of the base fee`
    const lines = [...baseLines(price, part(price.baseMinor), description), ...rateUse(price, range)]
    const all = [...lines, ...minimumLines(price, part(price.minimumMinor), sumOf(lines))]
    return all.map((line) => ({ ...line, fromMs, toMs, planId, priceVersionId }))
  })
}
