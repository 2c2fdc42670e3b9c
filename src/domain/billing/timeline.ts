import type { BillingPeriod } from './billing-period.ts'

/** One entry of a subscription's log: from `atMs` on it has this plan, price version and status. */
export interface TermsChange {
  readonly atMs: number
  readonly planId: string
  /** null where the subscription is older than price versions: then the plan's price of today holds. */
  readonly priceVersionId: string | null
  readonly status: string
  /** Whether its plan took a late first month in parts, when this was noted; null where nobody has noted it. */
  readonly proratesStart?: boolean | null
}

/** A stretch of a period under one price. Usage of [fromMs, toMs) belongs to it. */
export interface Segment {
  readonly fromMs: number
  readonly toMs: number
  readonly planId: string
  readonly priceVersionId: string | null
  /** False during a trial (also one that is cancelled and runs out), a pause and after the end: nothing of it costs anything. */
  readonly isCharged: boolean
}

const charged: readonly string[] = ['active', 'past_due', 'cancelled']

/** Whether time in a status is paid for. */
export const isChargedStatus = (status: string): boolean => charged.includes(status)

/**
 * The stretches of a period, in their order and without overlap, from the subscription's log (oldest first). A period that begins
 * before the subscription does begins with it.
 */
export function segmentsOf(changes: readonly TermsChange[], period: BillingPeriod): readonly Segment[] {
  const segments: Segment[] = []
  let isTrial = false
  for (const [index, change] of changes.entries()) {
    isTrial = change.status === 'trialing' || (isTrial && change.status === 'cancelled')
    const fromMs = Math.max(change.atMs, period.startMs)
    const toMs = Math.min(changes[index + 1]?.atMs ?? period.endMs, period.endMs)
    if (toMs <= fromMs) continue
    const { planId, priceVersionId, status } = change
    const isCharged = !isTrial && isChargedStatus(status)
    const segment = { fromMs, toMs, planId, priceVersionId, isCharged }
    const last = segments.at(-1)
    if (last !== undefined && isSameTerms(last, segment)) segments.splice(-1, 1, { ...last, toMs })
    else segments.push(segment)
  }
  return segments
}

const isSameTerms = (one: Segment, other: Segment): boolean =>
  one.planId === other.planId &&
  one.priceVersionId === other.priceVersionId &&
  one.isCharged === other.isCharged
