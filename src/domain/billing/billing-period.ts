/** Where the periods of a subscription begin: on the first of each month, or on the day of the month that it started on. UTC. */
export type Anchor = (
  | { readonly kind: 'calendar_month' }
  | { readonly kind: 'start_day'; readonly startedMs: number }
) & {
  /** Since when they begin there, and where they did before; always, where it is absent. */
  readonly since?: { readonly atMs: number; readonly before: Anchor }
}

/** A billing period: [startMs, endMs). */
export interface BillingPeriod {
  readonly startMs: number
  readonly endMs: number
}

/**
 * The period that a moment falls in. A start day that a month does not have is the month's last day, and the day itself again in the
 * months after. Where periods begin elsewhere from a moment on, one ends and the next one begins at that moment.
 */
export function periodAt(anchor: Anchor, atMs: number): BillingPeriod {
  const { since } = anchor
  if (since === undefined) return wholePeriodAt(anchor, atMs)
  if (atMs >= since.atMs) {
    const { startMs, endMs } = wholePeriodAt(anchor, atMs)
    return { startMs: Math.max(startMs, since.atMs), endMs }
  }
  const { startMs, endMs } = periodAt(since.before, atMs)
  return { startMs, endMs: Math.min(endMs, since.atMs) }
}

/** Where the fee of a period is counted from that is a month cut short in front; undefined for every other one. */
export function feeFrom(anchor: Anchor, { startMs }: Pick<BillingPeriod, 'startMs'>): number | undefined {
  if (anchor.since === undefined || startMs > anchor.since.atMs) return undefined
  if (startMs < anchor.since.atMs) return feeFrom(anchor.since.before, { startMs })
  return anchor.kind === 'calendar_month' ? wholePeriodAt(anchor, startMs).startMs : undefined
}

function wholePeriodAt(anchor: Anchor, atMs: number): BillingPeriod {
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
