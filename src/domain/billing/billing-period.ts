/** Where the periods of a subscription begin: on the first of each month, or on the day of the month that it started on. UTC. */
export type Anchor =
  | { readonly kind: 'calendar_month' }
  | { readonly kind: 'start_day'; readonly startedMs: number }

/** A billing period: [startMs, endMs). */
export interface BillingPeriod {
  readonly startMs: number
  readonly endMs: number
}

/**
 * The period that a moment falls in. A start day that a month does not have is the month's last day, and the day itself again in the
 * months after.
 */
export function periodAt(anchor: Anchor, atMs: number): BillingPeriod {
  const at = new Date(atMs)
  const month = at.getUTCFullYear() * 12 + at.getUTCMonth()
  const day = anchor.kind === 'start_day' ? new Date(anchor.startedMs).getUTCDate() : 1
  const first = atMs >= boundary(month, day) ? month : month - 1
  return { startMs: boundary(first, day), endMs: boundary(first + 1, day) }
}

/** How many periods after the one of `fromMs` the one of `toMs` is. */
export function periodsBetween(anchor: Anchor, fromMs: number, toMs: number): number {
  const index = (atMs: number): number => {
    const start = new Date(periodAt(anchor, atMs).startMs)
    return start.getUTCFullYear() * 12 + start.getUTCMonth()
  }
  return index(toMs) - index(fromMs)
}

function boundary(month: number, day: number): number {
  const year = Math.floor(month / 12)
  const lastDay = new Date(Date.UTC(year, (month % 12) + 1, 0)).getUTCDate()
  return Date.UTC(year, month % 12, Math.min(day, lastDay))
}
