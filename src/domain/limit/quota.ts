/** What a subscription has used of its month. `held` is reserved by requests that are still under way. */
export interface QuotaCounter {
  /** The first millisecond of the calendar month (UTC) that is counted. */
  monthStart: number
  used: number
  held: number
}

/** The rule of a plan. `limit` -1 is unlimited. */
export interface QuotaRule {
  readonly limit: number
  readonly mode: 'hard' | 'soft' | 'warn'
  readonly gracePct: number
}

/** Starts a new month when the counter's is over. */
export function rollMonth(counter: QuotaCounter, monthStart: number): void {
  if (counter.monthStart >= monthStart) return
  counter.monthStart = monthStart
  counter.used = 0
  counter.held = 0
}

/** True when so many more units may be reserved. soft and warn always allow: they bill or tell. */
export function allowsUnits(counter: QuotaCounter, rule: QuotaRule, units: number): boolean {
  if (rule.limit < 0 || rule.mode !== 'hard') return true
  const ceiling = rule.limit + Math.floor((rule.limit * rule.gracePct) / 100)
  return counter.used + counter.held + units <= ceiling
}

/** Reserves units that allowsUnits found. */
export function holdUnits(counter: QuotaCounter, units: number): void {
  counter.held += units
}

/** Turns a reservation into what was really used (0 gives it back). A reservation of an earlier month no longer counts. */
export function settleUnits(counter: QuotaCounter, monthStart: number, held: number, used: number): void {
  if (counter.monthStart !== monthStart) return
  counter.held -= held
  counter.used += used
}
